using System.Runtime.ExceptionServices;

namespace SqueezeBert.Threading;

/// <summary>
/// Work on a separate thread, for two tasks that can run in parallel. Without threads, it runs immediately on the caller's thread.
/// Disposing waits for the work, and an exception of the work is then ignored.
/// </summary>
internal sealed class Background<T> : IDisposable
    where T : class
{
    private readonly Thread? _thread;
    private T? _result;
    private ExceptionDispatchInfo? _failure;

    public Background(Func<T> work)
        : this(work, HasThreads)
    {
    }

    internal Background(Func<T> work, bool hasThreads)
    {
        if (!hasThreads)
        {
            Run(work);
            return;
        }

        _thread = new Thread(() => Run(work)) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Whether a thread can be started, which is not possible in a browser and in WASI.</summary>
    private static bool HasThreads => !OperatingSystem.IsBrowser() && !OperatingSystem.IsWasi();

    /// <summary>Waits for the work and returns its result, or throws its exception.</summary>
    public T Result()
    {
        _thread?.Join();
        _failure?.Throw();
        return _result!;
    }

    public void Dispose() => _thread?.Join();

    private void Run(Func<T> work)
    {
        try
        {
            _result = work();
        }
        catch (Exception exception)
        {
            _failure = ExceptionDispatchInfo.Capture(exception);
        }
    }
}
