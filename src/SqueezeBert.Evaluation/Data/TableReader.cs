using SqueezeBert.Evaluation.Data;

namespace SqueezeBert.Evaluation;

/// <summary>
/// Streams the rows of a data file: tab-separated (raw or quoted), comma-separated, JSON lines, or one text per line; plain or gzip (by the
/// file's first bytes); UTF-8 with or without a byte order mark, lines ended by LF or CR LF. Holds one row at a time, of bounded length
/// (<see cref="TableOptions.MaximumRecordBytes"/>). Empty lines are skipped, except where a row is a single column. Not thread-safe.
/// </summary>
public sealed class TableReader : IDisposable
{
    private readonly LineReader _lines;
    private readonly TableOptions _options;
    private readonly TableColumns? _headerColumns;
    private TableColumns? _columns;
    private string? _peeked;

    /// <summary>Reads from a stream, such as a standard input, and owns it.</summary>
    /// <param name="stream">Bytes, plain or gzip.</param>
    /// <param name="name">What error messages call it.</param>
    /// <param name="options">How to read; <see cref="TableOptions.Format"/> must be set unless <paramref name="name"/> has a known
    /// extension.</param>
    /// <exception cref="DataFormatException">The header cannot be read, or the format is not known.</exception>
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

    /// <summary>What error messages call the file.</summary>
    public string Name { get; }

    /// <summary>The format, detected or given.</summary>
    public TableFormat Format { get; }

    /// <summary>What stands between the fields of a row: that of <see cref="TableOptions"/> in a CSV file, else a tab.</summary>
    public char Separator { get; }

    /// <summary>The header's names are the file's own, so that a copy of the file starts with them.</summary>
    public bool HasHeader => _headerColumns is not null;

    /// <summary>The columns; null for JSON lines, whose rows name their own, and for an empty file without a header.</summary>
    public IReadOnlyList<string>? Columns => _columns?.Names;

    /// <summary>Opens a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file; the message has the nearest names.</exception>
    /// <exception cref="DataFormatException">The header cannot be read, or the format is not known.</exception>
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

    /// <summary>
    /// Complains at once about a column that the file does not have; says nothing about JSON lines, where each row is asked.
    /// </summary>
    /// <exception cref="DataFormatException">There is no such column, or there are two.</exception>
    public void RequireColumn(string column)
    {
        ArgumentNullException.ThrowIfNull(column);
        _ = _columns?.IndexOf(column);
    }

    /// <summary>The next row, or null after the last.</summary>
    /// <exception cref="DataFormatException">The row is malformed: it names file and line.</exception>
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

    /// <summary>All remaining rows, as they are read.</summary>
    /// <exception cref="DataFormatException">A row is malformed: it names file and line.</exception>
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
