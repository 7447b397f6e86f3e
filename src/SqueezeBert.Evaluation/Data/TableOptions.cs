namespace SqueezeBert.Evaluation;

/// <summary>How a data file is read.</summary>
public sealed record TableOptions
{
    /// <summary>The longest record by default: 16 MiB.</summary>
    public const int DefaultMaximumRecordBytes = 16 << 20;

    /// <summary>The format; null for the one that the file's extension tells.</summary>
    public TableFormat? Format { get; init; }

    /// <summary>What stands between the fields of a CSV file: a comma, or the semicolon of some spreadsheets.</summary>
    public char Separator { get; init; } = ',';

    /// <summary>
    /// The first record names the columns (tab- and comma-separated files). Where it is false, columns are called by their number from 0:
    /// "0", "1", ….
    /// </summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>
    /// The longest record in bytes of UTF-8; a longer one is an error, so that memory stays bounded whatever the file is (a text without
    /// line ends, a quote that never closes, a compressed file of zeros).
    /// </summary>
    public int MaximumRecordBytes { get; init; } = DefaultMaximumRecordBytes;

    /// <summary>
    /// Bytes that are not UTF-8 are read as U+FFFD instead of being an error. A row that passes through is then no longer what it was.
    /// </summary>
    public bool ReplaceInvalidUtf8 { get; init; }
}
