using System.Runtime.ExceptionServices;

namespace SqueezeBert.Threading;

/// <summary>
/// Work on a thread of its own, for what two cores can do side by side; on the caller's, at once, where there are no threads. Disposing
/// waits for it, and then an exception of the work is nobody's.
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

    /// <summary>Whether a thread can be started: not in a browser, and not in WASI.</summary>
    private static bool HasThreads => !OperatingSystem.IsBrowser() && !OperatingSystem.IsWasi();

    /// <summary>Waits for the work; throws what it threw.</summary>
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
