using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Evaluation;
using SqueezeBert.Evaluation.Data;

namespace SqueezeBert.Cli.Input;

/// <summary>Opens what a user names as input: a file, or "-" for standard input.</summary>
internal static class InputFile
{
    /// <summary>Names standard input.</summary>
    public const string StandardInput = "-";

    // A line of text may be a book; a row of a table has the reader's own limit.
    private const int MaxLineLength = 1 << 28;

    /// <summary>One text per line, in UTF-8; what is not UTF-8 becomes U+FFFD.</summary>
    public static TableReader OpenLines(string file, ToolConsole console, CancellationToken cancellationToken, Action<int>? tell = null) =>
        OpenTable(file, console, new TableOptions
        {
            Format = TableFormat.Lines,
            MaximumRecordBytes = MaxLineLength,
            ReplaceInvalidUtf8 = true
        }, cancellationToken, tell);

    /// <summary>A table.</summary>
    /// <exception cref="UsageException">Nothing tells the format.</exception>
    public static TableReader OpenTable(string file, ToolConsole console, TableOptions options, CancellationToken cancellationToken,
        Action<int>? tell = null)
    {
        if (options.Format is null && TableFormats.FromPath(file) is null)
            throw new UsageException($"nothing tells how {Name(file)} is written: add --format {string.Join('|', TableFormats.Names)}");
        return file == StandardInput || tell is not null
            ? new TableReader(Open(file, console, cancellationToken, tell), Name(file), options) : TableReader.Open(file, options);
    }

    /// <summary>The column of the text where none is named: 'text', or 'sentence' where the table has that alone.</summary>
    public static string TextColumn(TableReader table) =>
        table.Columns is { } columns && !columns.Contains("text") && columns.Contains("sentence") ? "sentence" : "text";

    /// <summary>Bytes, unpacked where they are gzip.</summary>
    /// <param name="file">The file, or "-".</param>
    /// <param name="console">Has the standard input.</param>
    /// <param name="cancellationToken">Ends a read of standard input that waits.</param>
    /// <param name="tell">Told how many bytes of the file, packed ones where it is packed, were read.</param>
    public static Stream OpenBytes(string file, ToolConsole console, CancellationToken cancellationToken, Action<int>? tell = null) =>
        file == StandardInput || tell is not null
        ? DataStream.Unpack(Open(file, console, cancellationToken, tell), Name(file))
        : DataStream.OpenFile(file);

    /// <summary>Bytes of the files; standard input counts for none.</summary>
    public static long Length(IEnumerable<string> files) =>
        files.Where(file => file != StandardInput).Sum(file => new FileInfo(file).Length);

    /// <summary>Whether input is read from the file of a path, as far as the names tell. Standard input is no file.</summary>
    public static bool IsSame(string file, string path) => IsSame(file, path, OperatingSystem.IsWindows() || OperatingSystem.IsMacOS());

    /// <inheritdoc cref="IsSame(string, string)"/>
    /// <param name="file">The file, or "-".</param>
    /// <param name="path">The path.</param>
    /// <param name="ignoresCase">Whether names of files do not differ by case, as they usually do not on Windows and macOS.</param>
    public static bool IsSame(string file, string path, bool ignoresCase) => file != StandardInput && string.Equals(
        Path.GetFullPath(file), Path.GetFullPath(path), ignoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

    /// <summary>What messages call the file.</summary>
    public static string Name(string file) => file == StandardInput ? "standard input" : file;

    private static Stream Open(string file, ToolConsole console, CancellationToken cancellationToken, Action<int>? tell)
    {
        var stream = file == StandardInput ? new InterruptibleStream(console.Input, cancellationToken) : DataStream.OpenPacked(file);
        return tell is null ? stream : new CountedStream(stream, tell);
    }

    private sealed class CountedStream(Stream stream, Action<int> tell) : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer)
        {
            var count = stream.Read(buffer);
            tell(count);
            return count;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) stream.Dispose();
            base.Dispose(disposing);
        }
    }
}
