namespace SqueezeBert.Files;

/// <summary>
/// A lock between processes and inside one process: a file that is open without sharing. On Unix the runtime uses flock, as the Hugging
/// Face tools do. On Windows both fail to open a file that another process has open. Both libraries therefore wait for each other. The lock
/// ends with the process in any case.
/// </summary>
internal sealed class FileLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly FileStream _stream;

    private FileLock(FileStream stream) => _stream = stream;

    /// <summary>Waits for the lock.</summary>
    public static async Task<FileLock> AcquireAsync(string path, CancellationToken cancellationToken)
    {
        FileProblem.MakeFolder(Path.GetDirectoryName(path)!);
        while (true)
        {
            if (TryAcquire(path) is { } held) return held;
            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the lock, or returns null if another holder has it.</summary>
    /// <param name="path">The path of the file, in an existing folder.</param>
    /// <param name="deleteAtEnd">Whether the file is deleted with the lock.</param>
    public static FileLock? TryAcquire(string path, bool deleteAtEnd = false)
    {
        try
        {
            return new FileLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1,
                deleteAtEnd ? FileOptions.DeleteOnClose : FileOptions.None));
        }
        catch (IOException e) when (IsHeld(e))
        {
            return null;
        }
    }

    public void Dispose() => _stream.Dispose();

    // ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION; EWOULDBLOCK of Linux and of macOS.
    private static bool IsHeld(IOException e) => OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) is 32 or 33 : e.HResult is 11 or 35;
}
