using System.Text;

namespace SqueezeBert.Files;

/// <summary>
/// Writes files that are never left half written: under a temporary name in the same folder, flushed to the disk and renamed.
/// </summary>
internal static class AtomicFile
{
    /// <summary>Writes a file and replaces an existing one. If <paramref name="write"/> throws, the existing file is kept.</summary>
    /// <exception cref="IOException">The file cannot be written. The message names it and gives the reason.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        using var file = new PendingFile(path);
        try
        {
            write(file.Stream);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileProblem.NotWritten(path, e);
        }

        file.Commit();
    }

    /// <summary>Writes UTF-8 text without a byte order mark.</summary>
    public static void WriteText(string path, Action<TextWriter> write) => Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);
        write(writer);
    });
}
