using SqueezeBert.Server.Answers;

namespace SqueezeBert.Server.Tasks;

/// <summary>What a model is asked about.</summary>
/// <param name="Text">The text, question or prompt.</param>
/// <param name="Pair">The second text, or the document of a question.</param>
/// <param name="Choices">What to choose from.</param>
internal sealed record TaskItem(string Text, string? Pair = null, IReadOnlyList<string>? Choices = null);

/// <summary>A model's answer, ready to be written.</summary>
/// <param name="Read">What was read for it.</param>
/// <param name="WriteAsync">Writes its values, inside an object.</param>
internal sealed record TaskAnswer(ReadInfo Read, AnswerWriter WriteAsync);
