namespace SqueezeBert.Threading;

/// <summary>
/// Does a piece of work once for each time it is posted, on threads of its own: callers that wait on the thread pool's threads must not
/// keep it from being done. Threads end when nothing was posted for a while. Where there are no threads the pool does it.
/// </summary>
/// <param name="maxThreads">Threads at most.</param>
/// <param name="work">Must not throw.</param>
internal sealed class Dispatcher(int maxThreads, Action work)
{
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(5);

    private readonly object _lock = new();
    private int _pending;
    private int _idle;
    private int _threads;

    /// <summary>Threads that there are now.</summary>
    public int ThreadCount
    {
        get
        {
            lock (_lock) return _threads;
        }
    }

    public void Post()
    {
        if (OperatingSystem.IsBrowser() || OperatingSystem.IsWasi())
        {
            ThreadPool.UnsafeQueueUserWorkItem(static dispatcher => dispatcher.Work(), this, preferLocal: false);
            return;
        }

        lock (_lock)
        {
            _pending++;
            if (_pending <= _idle)
            {
                Monitor.Pulse(_lock);
                return;
            }

            // Whoever works now looks again before it rests.
            if (_threads == maxThreads) return;
            _threads++;
        }

        new Thread(Loop) { IsBackground = true, Name = "SqueezeBERT queue" }.Start();
    }

    private void Work() => work();

    private void Loop()
    {
        while (true)
        {
            lock (_lock)
            {
                while (_pending == 0)
                {
                    _idle++;
                    var isWoken = Monitor.Wait(_lock, IdleTime);
                    _idle--;
                    if (isWoken || _pending > 0) continue;
                    _threads--;
                    return;
                }

                _pending--;
            }

            work();
        }
    }
}
