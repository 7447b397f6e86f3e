using SqueezeBert.Files;

namespace SqueezeBert.Training.Data;

/// <summary>Lets one run at a time write a cache that several use, in one process or in many.</summary>
internal static class CacheLock
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until no other run holds the lock, and takes it.</summary>
    /// <param name="path">The file of the lock, in an existing folder. It is deleted with the lock.</param>
    /// <param name="cache">The name of the cache in the message.</param>
    /// <param name="tell">Told once if there is something to wait for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static FileLock Wait(string path, string cache, Action<string> tell, CancellationToken cancellationToken)
    {
        var held = FileLock.TryAcquire(path, deleteAtEnd: true);
        if (held is null) tell($"another run is writing {cache}; waiting until it has ended");
        while (held is null)
        {
            _ = cancellationToken.WaitHandle.WaitOne(Pause);
            cancellationToken.ThrowIfCancellationRequested();
            held = FileLock.TryAcquire(path, deleteAtEnd: true);
        }

        return held;
    }
}
