using SqueezeBert.Evaluation;

namespace SqueezeBert.Cli;

/// <summary>Opens what a user names as input: a file, or "-" for standard input.</summary>
internal static class InputFile
{
    /// <summary>Names standard input.</summary>
    public const string StandardInput = "-";

    // A line of text may be a book; a row of a table has the reader's own limit.
    private const int LongestLine = 1 << 28;

    /// <summary>A text a line, in UTF-8; what is not UTF-8 becomes U+FFFD.</summary>
    public static TableReader OpenLines(string file, ToolConsole console, CancellationToken cancellationToken) =>
        OpenTable(file, console, new TableOptions { Format = TableFormat.Lines, MaximumRecordBytes = LongestLine, ReplaceInvalidUtf8 = true }, cancellationToken);

    /// <summary>A table.</summary>
    /// <exception cref="UsageException">Nothing tells the format.</exception>
    public static TableReader OpenTable(string file, ToolConsole console, TableOptions options, CancellationToken cancellationToken)
    {
        if (options.Format is null && TableFormats.FromPath(file) is null)
            throw new UsageException($"nothing tells how {Name(file)} is written: add --format {string.Join('|', TableFormats.Names)}");
        return file == StandardInput
            ? new TableReader(new InterruptibleStream(console.Input, cancellationToken), Name(file), options)
            : TableReader.Open(file, options);
    }

    /// <summary>Bytes, unpacked where they are gzip.</summary>
    public static Stream OpenBytes(string file, ToolConsole console, CancellationToken cancellationToken) => file == StandardInput
        ? DataStream.Unpack(new InterruptibleStream(console.Input, cancellationToken), Name(file))
        : DataStream.OpenFile(file);

    /// <summary>What messages call the file.</summary>
    public static string Name(string file) => file == StandardInput ? "standard input" : file;
}
