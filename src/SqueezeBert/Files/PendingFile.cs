namespace SqueezeBert.Files;

/// <summary>
/// A file that is written under a temporary name in its folder and gets its own name once it is complete and stored on the disk. If it is
/// disposed before that, it is deleted, and an existing file is kept.
/// </summary>
internal sealed class PendingFile : IDisposable
{
    private const int BufferSize = 1 << 16;

    private readonly string _path;
    private readonly string _full;
    private readonly string _temporary;
    private bool _ended;

    /// <summary>Begins a file and creates its folder if necessary.</summary>
    /// <param name="path">The path, as the caller names it.</param>
    /// <exception cref="IOException">The file cannot be written. The message names it and gives the reason.</exception>
    public PendingFile(string path)
    {
        _path = path;
        _full = Path.GetFullPath(path);
        FileProblem.MakeFolder(Path.GetDirectoryName(path) is { Length: > 0 } given ? given : Path.GetDirectoryName(_full)!);
        _temporary = TemporaryName();
        Stream = Open(_temporary, FileAccess.Write, FileOptions.None);
    }

    /// <summary>The stream for the content.</summary>
    public FileStream Stream { get; }

    /// <summary>Opens another temporary file, for a part that is copied to its place later. It is deleted when it is closed.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public FileStream OpenPart() => Open(TemporaryName(), FileAccess.ReadWrite, FileOptions.DeleteOnClose);

    /// <summary>Gives the file its name and replaces an existing file.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
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

    /// <summary>Deletes the file if it was not committed.</summary>
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
