using System.Text;

namespace SqueezeBert.Files;

/// <summary>Files that are whole or not there: written under a temporary name in the same folder, flushed to the disk, renamed.</summary>
internal static class AtomicFile
{
    /// <summary>Writes <paramref name="path"/>, replacing what is there. If <paramref name="write"/> throws, the old file stays.</summary>
    /// <exception cref="IOException">It cannot be written; the message names it and says why.</exception>
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
