namespace SqueezeBert.Evaluation;

/// <summary>How a data file is read.</summary>
public sealed record TableOptions
{
    /// <summary>The default of <see cref="MaximumRecordBytes"/>: 16 MiB.</summary>
    public const int DefaultMaximumRecordBytes = 16 << 20;

    /// <summary>The format of the file. Null determines it from the extension.</summary>
    public TableFormat? Format { get; init; }

    /// <summary>The separator of the fields of a CSV file (default ','). Some spreadsheets use a semicolon.</summary>
    public char Separator { get; init; } = ',';

    /// <summary>
    /// Whether the first record of a tab- or comma-separated file contains the names of the columns (default true). Otherwise, the columns
    /// are called by their numbers: "0", "1", ….
    /// </summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>
    /// The largest size of a record in bytes of UTF-8 (default 16 MiB). A larger record is an error, which limits the memory for any file:
    /// a text without line ends, a quote that is never closed, or a compressed file of zeros.
    /// </summary>
    public int MaximumRecordBytes { get; init; } = DefaultMaximumRecordBytes;

    /// <summary>
    /// Whether bytes that are not valid UTF-8 are read as U+FFFD (default false). Otherwise they are an error. A row that is copied to the
    /// output is then no longer identical to the input.
    /// </summary>
    public bool ReplaceInvalidUtf8 { get; init; }
}
