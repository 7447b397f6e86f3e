namespace SqueezeBert;

/// <summary>One text or two that are read together, such as a premise and a hypothesis. A string converts to a text alone.</summary>
/// <param name="Text">The first text.</param>
/// <param name="Pair">The second; null where the first stands alone.</param>
public readonly record struct TextPair(string Text, string? Pair = null)
{
    /// <summary>A text alone.</summary>
    public static implicit operator TextPair(string text) => new(text);

    /// <summary>The two texts of a tuple.</summary>
    public static implicit operator TextPair((string Text, string? Pair) texts) => new(texts.Text, texts.Pair);
}
