namespace SqueezeBert.Files;

/// <summary>
/// A file that is being written under a temporary name in its folder, and takes its own once it is whole and on the disk. Disposed before
/// that, it leaves nothing behind, and what had its name stays.
/// </summary>
internal sealed class PendingFile : IDisposable
{
    private const int BufferSize = 1 << 16;

    private readonly string _path;
    private readonly string _full;
    private readonly string _temporary;
    private bool _ended;

    /// <summary>Begins a file; makes its folder if need be.</summary>
    /// <param name="path">As the caller names it.</param>
    /// <exception cref="IOException">It cannot be written; the message names it and says why.</exception>
    public PendingFile(string path)
    {
        _path = path;
        _full = Path.GetFullPath(path);
        FileProblem.MakeFolder(Path.GetDirectoryName(path) is { Length: > 0 } given ? given : Path.GetDirectoryName(_full)!);
        _temporary = TemporaryName();
        Stream = Open(_temporary, FileAccess.Write, FileOptions.None);
    }

    /// <summary>Where the content goes.</summary>
    public FileStream Stream { get; }

    /// <summary>Another file beside it, for a part that is put into its place later; it goes when it is closed.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public FileStream OpenPart() => Open(TemporaryName(), FileAccess.ReadWrite, FileOptions.DeleteOnClose);

    /// <summary>Gives the file its name, in the place of what has it.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Commit()
    {
        try
        {
            Stream.Flush(flushToDisk: true);
            Stream.Dispose();
            File.Move(_temporary, _full, overwrite: true);
            _ended = true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileProblem.NotWritten(_path, e);
        }
    }

    /// <summary>Deletes what was not committed.</summary>
    public void Dispose()
    {
        if (_ended) return;
        _ended = true;

        // What is in the buffer is flushed at the end, and on a full disk this fails once more; what failed first is what counts. In a
        // folder that cannot be searched the file cannot be deleted either.
        try
        {
            Stream.Dispose();
        }
        catch (IOException)
        {
        }

        try
        {
            File.Delete(_temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private string TemporaryName() => $"{_full}.{Guid.NewGuid():N}.tmp";

    private FileStream Open(string path, FileAccess access, FileOptions options)
    {
        try
        {
            return new FileStream(path, FileMode.CreateNew, access, FileShare.None, BufferSize, options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileProblem.NotWritten(_path, e);
        }
    }
}
