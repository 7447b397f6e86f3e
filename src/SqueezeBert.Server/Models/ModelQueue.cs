using System.Diagnostics;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Models;

/// <summary>
/// The unanswered requests of a model in estimated tokens, and its recent speed. A request that would have to wait too long is refused
/// before anything is computed for it, so that other requests meet their time limits. Thread-safe.
/// </summary>
internal sealed class ModelQueue(SqueezeBertServerOptions options, TimeProvider time)
{
    /// <summary>The average number of characters per token, as the library estimates it.</summary>
    private const int CharactersOfToken = 4;

    /// <summary>The time in seconds after which earlier measurements count half.</summary>
    private const double Memory = 10;

    /// <summary>The number of tokens before the speed is trusted. The first ones wait for code to be compiled.</summary>
    private const double Trusted = 2048;

    private readonly object _lock = new();
    private long _tokens;
    private int _requests;
    private int _waiting;
    private TaskCompletionSource? _left;
    private long _busySince;
    private double _busy;
    private double _done;

    /// <summary>The number of requests, or lines of streams, that are being answered.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>The number of lines of streams that wait because there is too much work.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>The estimated number of their tokens.</summary>
    public long Tokens => Interlocked.Read(ref _tokens);

    /// <summary>Returns the approximate number of tokens of a text.</summary>
    /// <param name="characters">The length in UTF-16 code units.</param>
    /// <param name="maxLength">The largest number of tokens that are read, or null if all are read.</param>
    public static long Cost(long characters, int? maxLength) =>
        Math.Min(2 + (characters / CharactersOfToken), maxLength ?? long.MaxValue);

    /// <summary>Adds a request, which must end with <see cref="Leave"/>.</summary>
    /// <param name="cost">The estimated number of its tokens.</param>
    /// <exception cref="RequestException">There is too much work.</exception>
    public void Enter(long cost)
    {
        lock (_lock)
        {
            if (TryAdd(cost, out var wait)) return;
            throw new RequestException(Fault.Overloaded, "Model is overloaded")
            {
                RetryAfter = (int)Math.Clamp(Math.Ceiling(wait / 2), 1, 60),
            };
        }
    }

    /// <summary>As above, but waits while there is too much work: a client that is already being answered is not sent away.</summary>
    /// <param name="cost">The estimated number of its tokens.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task EnterAsync(long cost, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task left;
            lock (_lock)
            {
                if (TryAdd(cost, out _)) return;

                // There is work, so somebody leaves.
                _left ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                left = _left.Task;
                _waiting++;
            }

            try
            {
                await left.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                lock (_lock) _waiting--;
            }
        }
    }

    /// <summary>Removes a request.</summary>
    /// <param name="cost">The cost with which it was added.</param>
    /// <param name="hasAnswer">Whether it was computed. Otherwise it does not count for the speed.</param>
    public void Leave(long cost, bool hasAnswer)
    {
        TaskCompletionSource? left;
        lock (_lock)
        {
            Debug.Assert(_requests > 0);
            AddTime();
            _requests--;
            _tokens -= cost;
            if (hasAnswer) _done += cost;
            if (_busy > Memory && _done >= 2 * Trusted)
            {
                _busy /= 2;
                _done /= 2;
            }

            (left, _left) = (_left, null);
        }

        left?.SetResult();
    }

    /// <summary>Adds a request unless there is too much work.</summary>
    /// <param name="cost">The estimated number of its tokens.</param>
    /// <param name="wait">The estimated time in seconds until the current requests are answered; 0 if the speed is not known.</param>
    private bool TryAdd(long cost, out double wait)
    {
        AddTime();
        wait = _done < Trusted ? 0 : _tokens * _busy / _done;
        if (_tokens > 0 && (wait > options.MaxQueueTime.TotalSeconds || _tokens + cost > options.MaxQueuedTokens)) return false;
        _requests++;
        _tokens += cost;
        return true;
    }

    /// <summary>Counts the time since the last change if there was something to compute in it.</summary>
    private void AddTime()
    {
        var now = time.GetTimestamp();
        if (_tokens > 0) _busy += time.GetElapsedTime(_busySince, now).TotalSeconds;
        _busySince = now;
    }
}
