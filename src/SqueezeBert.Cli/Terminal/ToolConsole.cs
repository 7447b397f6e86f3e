using System.Text;
using Microsoft.Win32.SafeHandles;

namespace SqueezeBert.Cli.Terminal;

/// <summary>
/// What a command reads from and writes to, so that a test can stand in for the terminal. UTF-8 whatever the platform's code page.
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

    /// <summary>The console of this process.</summary>
    public static ToolConsole ForProcess()
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

        // A Windows console shows UTF-8 only when told to; redirected output is bytes anyway.
        if (OperatingSystem.IsWindows() && !Console.IsOutputRedirected) Console.OutputEncoding = utf8;
        return new ToolConsole(
            Console.OpenStandardInput(),
            new StreamWriter(StandardOutput(), utf8, 1 << 14) { NewLine = "\n" },
            new StreamWriter(Console.OpenStandardError(), utf8, 1 << 10) { AutoFlush = true },
            !Console.IsErrorRedirected);
    }

    private static Stream StandardOutput()
    {
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
            // Closed (`>&-`).
            return Stream.Null;
        }
    }

    public void Dispose()
    {
        try
        {
            Output.Flush();
        }
        catch (IOException)
        {
            // Whoever read the output has gone.
        }

        Error.Flush();
    }
}
