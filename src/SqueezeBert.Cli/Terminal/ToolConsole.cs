using System.Text;
using Microsoft.Win32.SafeHandles;

namespace SqueezeBert.Cli.Terminal;

/// <summary>
/// What a command reads from and writes to, so that a test can stand in for the terminal. UTF-8 whatever the platform's code page. Lines of
/// the standard output, which is data, end in LF on every platform; those of the standard error end as the platform's do.
/// </summary>
internal sealed class ToolConsole(Stream input, TextWriter output, TextWriter error, bool isErrorInteractive) : IDisposable
{
    /// <summary>Standard input, as bytes.</summary>
    public Stream Input { get; } = input;

    /// <summary>Answers. Not flushed line by line: a command that streams to a person flushes by itself.</summary>
    public TextWriter Output { get; } = output;

    /// <summary>Errors, progress and notes.</summary>
    public TextWriter Error { get; } = error;

    /// <summary>Whether <see cref="Error"/> is a terminal that a progress bar may redraw.</summary>
    public bool IsErrorInteractive { get; } = isErrorInteractive;

    /// <summary>Whether <see cref="Output"/> is a terminal, where answers and a progress bar would stand between each other.</summary>
    public bool IsOutputInteractive { get; init; }

    /// <summary>Whether the terminal shows more than ASCII: its locale, or on Windows its code page, is UTF-8.</summary>
    public bool IsUnicode { get; init; } = true;

    /// <summary>Columns of the terminal; null where there is none.</summary>
    public int? Width { get; init; }

    /// <summary>The console of this process.</summary>
    public static ToolConsole ForProcess()
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

        // A Windows console shows UTF-8 only when told to; redirected output is bytes anyway.
        if (OperatingSystem.IsWindows() && !Console.IsOutputRedirected) Console.OutputEncoding = utf8;
        return new ToolConsole(
            StandardStreams.IsClosed(0) ? new ClosedStream("standard input") : Console.OpenStandardInput(),
            new StreamWriter(StandardOutput(), utf8, 1 << 14) { NewLine = "\n" },
            new StreamWriter(StandardStreams.IsClosed(2) ? Stream.Null : Console.OpenStandardError(), utf8, 1 << 10) { AutoFlush = true },
            !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb")
        {
            IsUnicode = Console.OutputEncoding.CodePage == utf8.CodePage,
            IsOutputInteractive = !Console.IsOutputRedirected,
            Width = Console.IsOutputRedirected && Console.IsErrorRedirected ? null : WindowWidth(),
        };
    }

    private static int? WindowWidth()
    {
        try
        {
            return Console.WindowWidth is > 0 and var width ? width : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static Stream StandardOutput()
    {
        if (StandardStreams.IsClosed(1)) return new ClosedStream("standard output");
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected) return Console.OpenStandardOutput();

        // The console's own stream hides that the reader of a pipe has gone (`| head`), and the work would go on for no one. A file is
        // better left to it: several programs may write to one, each from where the last one ended.
        try
        {
            var stream = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return stream.CanSeek ? Console.OpenStandardOutput() : stream;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Open for reading only.
            return new ClosedStream("standard output");
        }
    }

    public void Dispose()
    {
        try
        {
            Output.Flush();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Whoever read the output has gone, or it was told already that it cannot be written.
        }

        Error.Flush();
    }
}
