using SqueezeBert.Evaluation.Data;

namespace SqueezeBert.Evaluation;

/// <summary>
/// Streams the rows of a data file: tab-separated (raw or quoted), comma-separated, JSON lines, or one text per line. The file may be
/// compressed with gzip, which is detected from its first bytes. The encoding is UTF-8 with or without a byte order mark, and lines end
/// with LF or CR LF. The reader holds one row at a time, whose size is limited (<see cref="TableOptions.MaximumRecordBytes"/>). Empty lines
/// are skipped, unless rows have a single column. Not thread-safe.
/// </summary>
public sealed class TableReader : IDisposable
{
    private readonly LineReader _lines;
    private readonly TableOptions _options;
    private readonly TableColumns? _headerColumns;
    private TableColumns? _columns;
    private string? _peeked;

    /// <summary>Creates a reader for a stream, such as the standard input. The reader disposes the stream.</summary>
    /// <param name="stream">The content of the file, optionally compressed with gzip.</param>
    /// <param name="name">The name of the file in error messages.</param>
    /// <param name="options">
    /// How to read the file. <see cref="TableOptions.Format"/> must be set unless <paramref name="name"/> has a known extension.
    /// </param>
    /// <exception cref="DataFormatException">The header cannot be read, or the format is unknown.</exception>
    public TableReader(Stream stream, string name, TableOptions? options = null)
        : this(name, DataStream.Unpack(stream, name), options ?? new TableOptions())
    {
    }

    private TableReader(string name, Stream stream, TableOptions options)
    {
        Name = name;
        _options = options;
        Format = FormatOf(name, options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaximumRecordBytes, 1, nameof(TableOptions.MaximumRecordBytes));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaximumRecordBytes, 1 << 30, nameof(TableOptions.MaximumRecordBytes));
        _lines = new LineReader(stream, name, options.MaximumRecordBytes, options.ReplaceInvalidUtf8);
        Separator = Format == TableFormat.Csv ? options.Separator : '\t';
        if (Separator is '"' or '\r' or '\n' or > '\u007F')
            throw new ArgumentException("a separator is one ASCII character, and neither a quote nor a line end", nameof(options));
        switch (Format)
        {
            case TableFormat.Lines:
                _columns = new TableColumns(name, ["text"]);
                break;
            case TableFormat.JsonLines:
                break;
            default:
                if (options.HasHeader) _columns = _headerColumns = new TableColumns(name, ReadHeader());
                else PeekWidth();
                break;
        }
    }

    /// <summary>The name of the file in error messages.</summary>
    public string Name { get; }

    /// <summary>The format of the file, as given or detected.</summary>
    public TableFormat Format { get; }

    /// <summary>The separator of the fields of a row: that of <see cref="TableOptions"/> for a CSV file, otherwise a tab.</summary>
    public char Separator { get; }

    /// <summary>
    /// Whether the names of the columns come from a header in the file. A copy of the file then starts with the same header.
    /// </summary>
    public bool HasHeader => _headerColumns is not null;

    /// <summary>
    /// The names of the columns. Null for JSON lines, whose rows name their own columns, and for an empty file without a header.
    /// </summary>
    public IReadOnlyList<string>? Columns => _columns?.Names;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="options">How to read the file. Null determines it from the extension.</param>
    /// <exception cref="FileNotFoundException">The file does not exist. The message contains the nearest names.</exception>
    /// <exception cref="DataFormatException">The header cannot be read, or the format is unknown.</exception>
    public static TableReader Open(string path, TableOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new TableOptions();
        _ = FormatOf(path, options);
        var stream = DataStream.OpenFile(path);
        try
        {
            return new TableReader(path, stream, options);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Checks that the file has a column. JSON lines are not checked here, because each row has its own columns.</summary>
    /// <param name="column">The name of the column.</param>
    /// <exception cref="DataFormatException">There is no such column, or there are two of them.</exception>
    public void RequireColumn(string column)
    {
        ArgumentNullException.ThrowIfNull(column);
        _ = _columns?.IndexOf(column);
    }

    /// <summary>Reads the next row. Returns null after the last row.</summary>
    /// <exception cref="DataFormatException">The row is malformed. The message names the file and the line.</exception>
    public Row? Read()
    {
        while (NextLine() is { } line)
        {
            switch (Format)
            {
                case TableFormat.Lines:
                    return new Row(Name, _lines.Line, _columns!, [line]);
                case TableFormat.JsonLines:
                    if (string.IsNullOrWhiteSpace(line)) continue;
                    return new Row(Name, _lines.Line, JsonText.ParseObject(line, Name, _lines.Line));
                default:
                    var number = _lines.Line;
                    if (line.Length == 0 && _columns is not { Names.Count: 1 }) continue;
                    var fields = Split(line);
                    _columns ??= TableColumns.Numbered(Name, fields.Count);
                    if (fields.Count == _columns.Names.Count) return new Row(Name, number, _columns, fields);
                    throw new DataFormatException(Name, number,
                        $"{fields.Count} fields where {(HasHeader ? "the header" : "the first row")} has {_columns.Names.Count}" +
                            _columns.Hint);
            }
        }

        return null;
    }

    /// <summary>Streams the remaining rows.</summary>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <exception cref="DataFormatException">A row is malformed. The message names the file and the line.</exception>
    public IEnumerable<Row> ReadRows(CancellationToken cancellationToken = default)
    {
        while (Read() is { } row)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return row;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lines.Dispose();

    private static TableFormat FormatOf(string name, TableOptions options) => options.Format ?? TableFormats.FromPath(name)
        ?? throw new DataFormatException(name, null, $"the extension tells no format: name it ({string.Join(", ", TableFormats.Names)})");

    private string? NextLine()
    {
        if (_peeked is not { } line) return _lines.Read();
        _peeked = null;
        return line;
    }

    // Without a header the first row tells how many columns there are; a quoted record may continue, so it is parsed when it is read.
    private void PeekWidth()
    {
        do _peeked = _lines.Read();
        while (_peeked is { Length: 0 });
        if (_peeked is not null && Format == TableFormat.Tsv) _columns = TableColumns.Numbered(Name, Split(_peeked).Count);
    }

    private List<string> ReadHeader() =>
        _lines.Read() is { } line ? Split(line)
            : throw new DataFormatException(Name, null, "the file is empty: the first line must name the columns");

    private List<string> Split(string line) => Format switch
    {
        TableFormat.Tsv => [.. line.Split('\t')],
        _ => QuotedFields.Parse(_lines, line, Separator, Name, _options.MaximumRecordBytes),
    };
}
