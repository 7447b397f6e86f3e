namespace SqueezeBert.Evaluation;

/// <summary>A text or a pair of texts from a data file, with its label.</summary>
/// <param name="Text">The text, or the first of a pair.</param>
/// <param name="Pair">The second text of a pair, or null for a single text.</param>
/// <param name="Label">
/// The label as it is written in the file, or "" if no label column was requested. <see cref="LabelList"/> converts it to a class.
/// </param>
/// <param name="Line">The line of the file, counted from 1.</param>
public sealed record TextExample(string Text, string? Pair, string Label, long Line);
