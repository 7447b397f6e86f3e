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
    private long _busySince;
    private double _busy;
    private double _done;

    /// <summary>The number of requests that are being answered, including those that wait.</summary>
    public int Requests => Volatile.Read(ref _requests);

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
            if (_requests > 0)
            {
                var wait = Wait();
                var isLate = wait > options.MaxQueueTime.TotalSeconds;
                if (isLate || _tokens + cost > options.MaxQueuedTokens)
                {
                    throw new RequestException(Fault.Overloaded, "Model is overloaded")
                    {
                        RetryAfter = (int)Math.Clamp(Math.Ceiling(wait / 2), 1, 60),
                    };
                }
            }
            else
            {
                _busySince = time.GetTimestamp();
            }

            _requests++;
            _tokens += cost;
        }
    }

    /// <summary>Removes a request.</summary>
    /// <param name="cost">The cost with which it was added.</param>
    /// <param name="hasAnswer">Whether it was computed. Otherwise it does not count for the speed.</param>
    public void Leave(long cost, bool hasAnswer)
    {
        lock (_lock)
        {
            Debug.Assert(_requests > 0);
            Add();
            _requests--;
            _tokens -= cost;
            if (hasAnswer) _done += cost;
            if (_busy <= Memory || _done < 2 * Trusted) return;
            _busy /= 2;
            _done /= 2;
        }
    }

    /// <summary>Returns the estimated time in seconds until the current requests are answered, if the speed is known.</summary>
    private double Wait()
    {
        Add();
        return _done < Trusted ? 0 : _tokens * _busy / _done;
    }

    private void Add()
    {
        var now = time.GetTimestamp();
        _busy += time.GetElapsedTime(_busySince, now).TotalSeconds;
        _busySince = now;
    }
}
