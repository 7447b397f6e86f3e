namespace SqueezeBert.Evaluation;

/// <summary>A text, or a pair of texts, of a data file with its label.</summary>
/// <param name="Text">The text, or the first of a pair.</param>
/// <param name="Pair">The second text of a pair; null for a text alone.</param>
/// <param name="Label">The label as it stands in the file; "" where no label column was asked for. <see cref="LabelList"/> turns it into a
/// class.</param>
/// <param name="Line">The line of the file, counted from 1.</param>
public sealed record TextExample(string Text, string? Pair, string Label, long Line);
