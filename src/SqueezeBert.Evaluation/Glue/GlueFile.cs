namespace SqueezeBert.Evaluation.Glue;

/// <summary>A file of a task to be measured on, and its columns.</summary>
/// <param name="Name">What the set and its file of a submission are called.</param>
/// <param name="Dev">The file of the dev set, without extension; that of the test set has "test" for "dev".</param>
/// <param name="Text">The column of the text.</param>
/// <param name="Pair">The column of the second text; null where there is one text only.</param>
/// <param name="Label">The column of the label.</param>
internal sealed record GlueFile(string Name, string Dev, string Text, string? Pair, string Label)
{
    /// <summary>The number of the text's column in a file without a header (CoLA, not its test set).</summary>
    public int? TextNumber { get; init; }

    /// <summary>The number of the label's column in a file without a header.</summary>
    public int? LabelNumber { get; init; }

    /// <summary>Whether the files may also be those of <see cref="ParaphraseCorpus"/> (MRPC).</summary>
    public bool MayBeUndivided { get; init; }

    /// <summary>Whether rows of the official files are broken by line ends inside of texts, and left out by everyone (QQP).</summary>
    public bool HasBrokenRows { get; init; }
}
