using SqueezeBert.Evaluation;

namespace SqueezeBert.Training;

/// <summary>A file of training or evaluation examples.</summary>
public sealed record DataSource
{
    /// <summary>
    /// The path of the file. It is a table with named columns (TSV, CSV or JSON lines), or plain text for masked language and distillation.
    /// Plain text has one paragraph per line and blank lines between documents. The file may be compressed with gzip.
    /// </summary>
    public required string File { get; init; }

    /// <summary>The format of the rows. Null determines it from the extension of the file.</summary>
    public TableFormat? Format { get; init; }

    /// <summary>The separator of the fields of a CSV file, one ASCII character (default ','). Other formats ignore it.</summary>
    public char Separator { get; init; } = ',';

    /// <summary>
    /// Whether the first row contains the names of the columns (default true). Otherwise the columns are called "0", "1", ….
    /// </summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>The column of the text (default "text").</summary>
    public string Text { get; init; } = "text";

    /// <summary>The column of the second text, or null.</summary>
    public string? Pair { get; init; }

    /// <summary>
    /// The columns of the choices, or one column with a JSON array of them, for multiple choice. If empty, the column "choices" or the
    /// columns "ending0", "ending1", … are used, as in SWAG. There, <see cref="Pair"/> is the beginning of each choice.
    /// </summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>The column of the intent of a sentence, or null (intents and slots).</summary>
    public string? Intent { get; init; }

    /// <summary>
    /// The column of a hard negative, or null (retrieval). A hard negative is a wrong text that looks similar to the right one.
    /// </summary>
    public string? Negative { get; init; }

    /// <summary>The column of the label (default "label").</summary>
    public string Label { get; init; } = "label";

    /// <summary>
    /// Whether the rows have no labels and are labelled by teachers (default false; single-label and multi-label classification with a
    /// teacher). Such rows are never held out. In other files with a teacher, a row with an empty label is treated in the same way.
    /// </summary>
    public bool IsUnlabelled { get; init; }

    /// <summary>
    /// The column that groups rows: rows with the same value are held out together. Null groups rows by their text (labelled texts).
    /// </summary>
    public string? Group { get; init; }

    /// <summary>
    /// How often each example is used per epoch, above 0 (default 1): 2 means twice, and 0.5 means every second epoch. For distillation it
    /// is the file's share of the training tokens, relative to the other files.
    /// </summary>
    public double Weight { get; init; } = 1;

    /// <summary>The largest number of rows that are read, 1 or more. Null reads all rows.</summary>
    public int? Limit { get; init; }

    /// <summary>How the texts are split into examples (default <see cref="TextForm.Sentences"/>; distillation).</summary>
    public TextForm Form { get; init; }

    /// <summary>
    /// The share of the texts of the file that is read, above 0 and at most 1 (default 1; distillation). The texts are chosen by a hash.
    /// </summary>
    public double Sample { get; init; } = 1;

    internal TableOptions TableOptions => new() { Format = Format, Separator = Separator, HasHeader = HasHeader };
}
