using System.Text;

namespace SqueezeBert.Files;

/// <summary>Files that are whole or not there: written under a temporary name in the same folder, flushed to the disk, renamed.</summary>
internal static class AtomicFile
{
    /// <summary>Writes <paramref name="path"/>, replacing what is there. If <paramref name="write"/> throws, the old file stays.</summary>
    /// <exception cref="IOException">It cannot be written; the message names it and says why.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var full = Path.GetFullPath(path);
        FileProblem.MakeFolder(Path.GetDirectoryName(path) is { Length: > 0 } given ? given : Path.GetDirectoryName(full)!);
        var temporary = $"{full}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Delete(temporary);
            throw FileProblem.NotWritten(path, e);
        }
        catch
        {
            Delete(temporary);
            throw;
        }
    }

    // In a folder that cannot be searched this fails too, and what failed first is what counts.
    private static void Delete(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>Writes UTF-8 text without a byte order mark.</summary>
    public static void WriteText(string path, Action<TextWriter> write) => Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);
        write(writer);
    });
}
