namespace SqueezeBert.Training.Tasks.Answering;

/// <summary>A question about a paragraph.</summary>
/// <param name="Id">As the file has it.</param>
/// <param name="Question">The question.</param>
/// <param name="Context">The paragraph.</param>
/// <param name="Answers">Right answers and where they begin in the paragraph, in UTF-16 code units; none: it has no answer.</param>
internal sealed record SquadQuestion(string Id, string Question, string Context, IReadOnlyList<(string Text, int Start)> Answers);
