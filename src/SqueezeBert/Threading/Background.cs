using System.Runtime.ExceptionServices;

namespace SqueezeBert.Threading;

/// <summary>
/// Work on a thread of its own, for what two cores can do side by side. Disposing waits for it, and then an exception of the work is
/// nobody's.
/// </summary>
internal sealed class Background<T> : IDisposable
    where T : class
{
    private readonly Thread _thread;
    private T? _result;
    private ExceptionDispatchInfo? _failure;

    public Background(Func<T> work)
    {
        _thread = new Thread(() =>
        {
            try
            {
                _result = work();
            }
            catch (Exception exception)
            {
                _failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Waits for the work; throws what it threw.</summary>
    public T Result()
    {
        _thread.Join();
        _failure?.Throw();
        return _result!;
    }

    public void Dispose() => _thread.Join();
}
