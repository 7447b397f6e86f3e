using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Input;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Cli.Texts;

/// <summary>Where texts come from, and the table whose rows they are, if they are.</summary>
internal sealed class TextSource : IDisposable
{
    // UTF-16 units that are worked on before answers are written: a few batches of a pipeline.
    private const int BatchCharacters = 1 << 14;

    private readonly TableReader? _reader;

    private TextSource(
        IEnumerable<IReadOnlyList<InputText>> batches, TableReader? reader = null, bool isTable = false, ReadProgress? progress = null)
    {
        Batches = batches;
        Progress = progress;
        _reader = reader;
        Table = isTable ? reader : null;
    }

    /// <summary>The texts in their order, as many at a time as are there; once.</summary>
    public IEnumerable<IReadOnlyList<InputText>> Batches { get; }

    /// <summary>The table; null for texts that stand alone.</summary>
    public TableReader? Table { get; }

    /// <summary>How much of the file was read; null where no one watches.</summary>
    public ReadProgress? Progress { get; }

    /// <summary>Texts that are there already.</summary>
    public static TextSource Of(IReadOnlyList<InputText> texts) => new([texts]);

    /// <summary>Lines of a file, or rows of a table, while they come.</summary>
    /// <param name="reader">Disposed with the source.</param>
    /// <param name="isTable">Whether answers go behind the rows.</param>
    /// <param name="select">Makes a text of a row.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <param name="progress">Counts what the reader reads.</param>
    public static TextSource Read(TableReader reader, bool isTable, Func<Row, InputText> select, CancellationToken cancellationToken,
        ReadProgress? progress = null) =>
        new(ReadAhead.Batches(reader.ReadRows(cancellationToken).Select(select), static text => text.Size, BatchCharacters,
            cancellationToken), reader, isTable, progress);

    /// <summary>The error of a table whose column is not named.</summary>
    public static UsageException NeedsColumn(string file) =>
        new($"{InputFile.Name(file)} is a table: name the column of the texts with --text (or read its lines as they are with " +
            "--format lines)");

    public void Dispose() => _reader?.Dispose();
}
