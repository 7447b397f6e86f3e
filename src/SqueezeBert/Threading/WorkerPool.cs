using System.Runtime.ExceptionServices;

namespace SqueezeBert.Threading;

/// <summary>Work that several threads can do in parts, in any order.</summary>
internal interface IParallelBody
{
    /// <summary>
    /// Does one part. <paramref name="worker"/> is 0 for the calling thread and less than the number of threads. It selects the scratch
    /// memory.
    /// </summary>
    void Execute(int part, int worker);
}

/// <summary>
/// The threads of the library. The calling thread works too, so a pool of N threads starts N - 1 helpers. They are background threads and
/// start at the first use. Only one section at a time uses the helpers. A caller that finds them busy runs its section alone, which keeps N
/// callers on N cores busy.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    /// <summary>
    /// The time that a helper looks for the next section before it sleeps. The sections of a forward pass follow each other within
    /// microseconds.
    /// </summary>
    private const int SpinMicroseconds = 50;

    /// <summary>
    /// The largest number of threads. It is more than any machine has cores. A million threads would end the process instead of the call.
    /// </summary>
    public const int MaxThreadCount = 1024;

    private static readonly Lazy<WorkerPool> SharedPool = new(() => new WorkerPool(DefaultThreadCount));

    private readonly object _startLock = new();
    private readonly SemaphoreSlim _wake = new(0);
    private Thread[]? _threads;
    private volatile bool _disposed;

    // The section that runs now; fields are written before _generation and read after it.
    private IParallelBody? _body;
    private int _parts;
    private int _workerLimit;
    private int _nextPart;
    private int _nextWorker;
    private int _busyHelpers;
    private int _generation;
    private int _open;
    private int _sleeping;
    private int _inUse;
    private int _activeCallers;
    private ExceptionDispatchInfo? _failure;

    public WorkerPool(int threadCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threadCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threadCount, MaxThreadCount);
        ThreadCount = threadCount;
    }

    /// <summary>One thread per core that the process may use, with regard to affinity and the CPU quota of a container.</summary>
    public static int DefaultThreadCount => Environment.ProcessorCount;

    /// <summary>The pool that all pipelines share by default.</summary>
    public static WorkerPool Shared => SharedPool.Value;

    /// <summary>The number of threads that can work at the same time, including the calling thread.</summary>
    public int ThreadCount { get; }

    /// <summary>
    /// The number of threads for each caller that is currently between <see cref="Enter"/> and <see cref="Leave"/>: all threads, or fewer
    /// if there are several callers.
    /// </summary>
    public int ThreadsPerCaller => Math.Clamp(ThreadCount - (Volatile.Read(ref _activeCallers) - 1), 1, ThreadCount);

    /// <summary>Marks a caller as working, so that other callers do not use its core between two of its sections.</summary>
    public void Enter() => Interlocked.Increment(ref _activeCallers);

    /// <summary>Ends the period that <see cref="Enter"/> began.</summary>
    public void Leave() => Interlocked.Decrement(ref _activeCallers);

    /// <summary>
    /// Calls <paramref name="body"/> once for each part from 0 to <paramref name="parts"/> - 1, and returns when all parts are done. Parts
    /// are started in ascending order. An exception of a part is thrown here after the other parts have ended. Once the threads are
    /// running, nothing is allocated. Sections cannot be nested.
    /// </summary>
    public void Run(IParallelBody body, int parts, int maxThreads = int.MaxValue)
    {
        Enter();
        try
        {
            RunEntered(body, parts, maxThreads);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Like <see cref="Run"/>, for a caller that has already entered.</summary>
    public void RunEntered(IParallelBody body, int parts, int maxThreads = int.MaxValue)
    {
        var threads = Math.Min(Math.Min(ThreadsPerCaller, maxThreads), parts);
        if (threads <= 1 || Interlocked.CompareExchange(ref _inUse, 1, 0) != 0)
        {
            for (var part = 0; part < parts; part++) body.Execute(part, 0);
            return;
        }

        RunShared(body, parts, threads);
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        if (_threads is not { } threads) return;
        _wake.Release(threads.Length);
        foreach (var thread in threads) thread.Join();
        _wake.Dispose();
    }

    private void RunShared(IParallelBody body, int parts, int threads)
    {
        EnsureStarted();
        _body = body;
        _parts = parts;
        _failure = null;
        _workerLimit = threads;
        _nextPart = 0;
        _nextWorker = 0;
        Volatile.Write(ref _open, 1);
        Interlocked.Increment(ref _generation);
        var sleeping = Math.Min(Volatile.Read(ref _sleeping), threads - 1);
        if (sleeping > 0) _wake.Release(sleeping);
        Work(0);

        // No helper joins any more; wait for those that did.
        Volatile.Write(ref _open, 0);
        Interlocked.MemoryBarrier();
        var spin = new SpinWait();
        while (Volatile.Read(ref _busyHelpers) != 0) spin.SpinOnce(sleep1Threshold: -1);
        _body = null;
        var failure = _failure;
        Volatile.Write(ref _inUse, 0);
        failure?.Throw();
    }

    private void Work(int worker)
    {
        try
        {
            var body = _body!;
            while (true)
            {
                var part = Interlocked.Increment(ref _nextPart) - 1;
                if (part >= _parts) return;
                body.Execute(part, worker);
            }
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
            Volatile.Write(ref _nextPart, _parts);
        }
    }

    private void HelperLoop()
    {
        var seen = 0;
        while (!_disposed)
        {
            seen = WaitForSection(seen);
            if (_disposed) return;

            // Joining is announced before the check that the section is still open, and the caller closes it before it looks at
            // the count: one of the two sees the other.
            Interlocked.Increment(ref _busyHelpers);
            if (Volatile.Read(ref _open) == 1)
            {
                var worker = Interlocked.Increment(ref _nextWorker);
                if (worker < _workerLimit) Work(worker);
            }

            Interlocked.Decrement(ref _busyHelpers);
        }
    }

    private int WaitForSection(int seen)
    {
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        while (Volatile.Read(ref _generation) == seen)
        {
            // More threads than cores: a spinning helper would take the core that the caller needs.
            if (_activeCallers < ThreadCount && System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMicroseconds < SpinMicroseconds)
            {
                Thread.SpinWait(20);
                continue;
            }

            Interlocked.Increment(ref _sleeping);
            if (Volatile.Read(ref _generation) == seen && !_disposed) _wake.Wait();
            Interlocked.Decrement(ref _sleeping);
            if (_disposed) break;
        }

        return Volatile.Read(ref _generation);
    }

    /// <summary>
    /// Starts the threads if they are not running. Otherwise the first shared section starts them, which allocates memory.
    /// </summary>
    public void EnsureStarted()
    {
        if (Volatile.Read(ref _threads) is not null) return;
        lock (_startLock)
        {
            if (_threads is not null) return;
            var threads = new Thread[ThreadCount - 1];
            for (var i = 0; i < threads.Length; i++)
            {
                threads[i] = new Thread(HelperLoop) { IsBackground = true, Name = $"SqueezeBERT worker {i + 1}" };
                threads[i].Start();
            }

            Volatile.Write(ref _threads, threads);
        }
    }
}
