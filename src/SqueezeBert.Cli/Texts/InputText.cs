using SqueezeBert.Evaluation;

namespace SqueezeBert.Cli.Texts;

/// <summary>A text that a model is asked about.</summary>
/// <param name="Text">The text.</param>
/// <param name="Pair">The second text, where there is one.</param>
/// <param name="Row">The row that they came from, if they came from a table.</param>
/// <param name="Choices">What to choose from.</param>
internal sealed record InputText(string Text, string? Pair = null, Row? Row = null, IReadOnlyList<string>? Choices = null)
{
    /// <summary>UTF-16 units, and one for the text itself.</summary>
    public int Size => Text.Length + (Pair?.Length ?? 0) + (Choices?.Sum(choice => choice.Length) ?? 0) + 1;
}
