namespace SqueezeBert.Evaluation;

/// <summary>The format of the rows of a data file.</summary>
public enum TableFormat
{
    /// <summary>
    /// Tab-separated values without quoting: a field is everything between two tabs, including quotes. It is the format of the GLUE files
    /// and the default for .tsv.
    /// </summary>
    Tsv,

    /// <summary>Tab-separated values with quoting: a field may be enclosed in double quotes, which are doubled inside, as in CSV.</summary>
    QuotedTsv,

    /// <summary>
    /// Comma-separated values as in RFC 4180: a field with a comma, a quote or a line break is enclosed in double quotes, and quotes inside
    /// are doubled.
    /// </summary>
    Csv,

    /// <summary>JSON lines: one JSON object per line, whose properties are the columns.</summary>
    JsonLines,

    /// <summary>Plain text with one text per line. The only column is called "text".</summary>
    Lines,
}

/// <summary>The names and file extensions of the table formats.</summary>
public static class TableFormats
{
    /// <summary>The names that <see cref="TryParse"/> accepts, in the order of <see cref="TableFormat"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = ["tsv", "quoted-tsv", "csv", "jsonl", "lines"];

    /// <summary>Finds the format with one of the <see cref="Names"/>.</summary>
    /// <param name="name">The name of the format.</param>
    /// <param name="format">Receives the format.</param>
    /// <returns>Whether there is a format of that name.</returns>
    public static bool TryParse(string name, out TableFormat format)
    {
        for (var i = 0; i < Names.Count; i++)
        {
            if (!string.Equals(Names[i], name, StringComparison.OrdinalIgnoreCase)) continue;
            format = (TableFormat)i;
            return true;
        }

        format = default;
        return false;
    }

    /// <summary>
    /// Determines the format of a file from its extension, after a .gz is removed. The extensions are .tsv and .tab (raw), .csv, .jsonl,
    /// .ndjson and .txt. Other extensions give null.
    /// </summary>
    /// <param name="path">The path of the file.</param>
    public static TableFormat? FromPath(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)) path = path[..^3];
        return Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".TSV" or ".TAB" => TableFormat.Tsv,
            ".CSV" => TableFormat.Csv,
            ".JSONL" or ".NDJSON" => TableFormat.JsonLines,
            ".TXT" => TableFormat.Lines,
            _ => null,
        };
    }
}
