using SqueezeBert.Evaluation;

namespace SqueezeBert.Training;

/// <summary>A file of examples.</summary>
public sealed record DataSource
{
    /// <summary>
    /// TSV, CSV or JSONL with named columns, maybe gzipped; plain text (a paragraph a line, blank lines between documents) for masked
    /// language and distillation.
    /// </summary>
    public required string File { get; init; }

    /// <summary>How the rows are written; null: as the file's extension says.</summary>
    public TableFormat? Format { get; init; }

    /// <summary>What stands between the fields of a CSV, one ASCII character; other formats ignore it.</summary>
    public char Separator { get; init; } = ',';

    /// <summary>Whether the first row names the columns; without it they are called "0", "1", ….</summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>Column of the text.</summary>
    public string Text { get; init; } = "text";

    /// <summary>Column of a second text, or null.</summary>
    public string? Pair { get; init; }

    /// <summary>Column of the label.</summary>
    public string Label { get; init; } = "label";

    /// <summary>
    /// Column whose value says which rows belong together: those of one value are held out together. Null: the text says so (labelled
    /// texts).
    /// </summary>
    public string? Group { get; init; }

    /// <summary>
    /// How often an example takes part in an epoch: 2 is twice, 0.5 every second one, others each epoch. For distillation, the file's part
    /// of the tokens that are trained on; the parts of all files need not add up to one.
    /// </summary>
    public double Weight { get; init; } = 1;

    /// <summary>Rows to read at most; null reads all.</summary>
    public int? Limit { get; init; }

    /// <summary>In which pieces the texts are read (distillation).</summary>
    public TextForm Form { get; init; }

    /// <summary>Share of the file's texts that is read, chosen by a hash, above 0 to 1 (distillation).</summary>
    public double Sample { get; init; } = 1;

    internal TableOptions TableOptions => new() { Format = Format, Separator = Separator, HasHeader = HasHeader };
}
