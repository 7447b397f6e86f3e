using SqueezeBert.Evaluation;

namespace SqueezeBert.Training;

/// <summary>A file of examples.</summary>
public sealed record DataSource
{
    /// <summary>
    /// TSV, CSV or JSONL with named columns, maybe gzipped; plain text (one paragraph per line, blank lines between documents) for masked
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

    /// <summary>
    /// Columns of the choices, or one that holds a JSON array of them; none: "choices", or "ending0", "ending1", … as in SWAG (multiple
    /// choice, where <see cref="Pair"/> is what each choice begins with).
    /// </summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Column of a sentence's intent, or null (intents and slots).</summary>
    public string? Intent { get; init; }

    /// <summary>Column of a text that is wrong although it looks right, or null (retrieval).</summary>
    public string? Negative { get; init; }

    /// <summary>Column of the label.</summary>
    public string Label { get; init; } = "label";

    /// <summary>
    /// Whether the rows have no labels: teachers give them (single label with a teacher). None of them is held out. Of other files with a
    /// teacher, rows whose label is empty are such rows.
    /// </summary>
    public bool IsUnlabelled { get; init; }

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
