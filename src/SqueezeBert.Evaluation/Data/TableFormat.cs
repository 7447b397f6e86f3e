namespace SqueezeBert.Evaluation;

/// <summary>How the rows of a data file are written.</summary>
public enum TableFormat
{
    /// <summary>
    /// Tab-separated, raw: a field is what stands between two tabs, quotes are text. GLUE's files, and the default for .tsv.
    /// </summary>
    Tsv,

    /// <summary>Tab-separated, a field may stand in double quotes (doubled inside), as in CSV.</summary>
    QuotedTsv,

    /// <summary>
    /// Comma-separated as in RFC 4180: a field with a comma, a quote or a line break stands in double quotes, quotes inside are doubled.
    /// </summary>
    Csv,

    /// <summary>One JSON object per line; its properties are the columns.</summary>
    JsonLines,

    /// <summary>One text per line; the only column is called "text".</summary>
    Lines,
}

/// <summary>Names and file extensions of the formats.</summary>
public static class TableFormats
{
    /// <summary>The names that <see cref="TryParse"/> knows, in the order of <see cref="TableFormat"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = ["tsv", "quoted-tsv", "csv", "jsonl", "lines"];

    /// <summary>The format called by one of <see cref="Names"/>.</summary>
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
    /// The format of a file by its extension, an ending .gz apart: .tsv and .tab (raw), .csv, .jsonl and .ndjson, .txt; null for any other.
    /// </summary>
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
