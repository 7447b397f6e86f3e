using SqueezeBert.Cli.Terminal;

namespace SqueezeBert.Cli.Input;

/// <summary>How much of a file was read, packed bytes where it is packed. Thread-safe.</summary>
internal sealed class ReadProgress(long length)
{
    private long _read;

    /// <summary>0 to 1.</summary>
    public double Share => Math.Min(1, (double)Interlocked.Read(ref _read) / Math.Max(1, length));

    /// <summary>
    /// Of a file, where a person sees a bar and it is not between the answers; null for standard input and where there is no bar.
    /// </summary>
    public static ReadProgress? Of(string file, ToolConsole console) =>
        console.IsErrorInteractive && !console.IsOutputInteractive && file != InputFile.StandardInput && File.Exists(file)
            ? new ReadProgress(new FileInfo(file).Length) : null;

    /// <summary>Counts bytes.</summary>
    public void Add(int count) => Interlocked.Add(ref _read, count);
}
