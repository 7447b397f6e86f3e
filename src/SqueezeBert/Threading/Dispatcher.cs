namespace SqueezeBert.Threading;

/// <summary>
/// Does a piece of work once for each time that it is posted, on its own threads. Callers that block the threads of the thread pool must
/// not delay it. Threads end when nothing has been posted for a while. Without threads, the thread pool does the work.
/// </summary>
/// <param name="maxThreads">The largest number of threads.</param>
/// <param name="work">The work, which must not throw.</param>
internal sealed class Dispatcher(int maxThreads, Action work)
{
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(5);

    private readonly object _lock = new();
    private int _pending;
    private int _idle;
    private int _threads;

    /// <summary>The current number of threads.</summary>
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
