using System.Diagnostics;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Models;

/// <summary>
/// What a model has still to answer, in estimated tokens, and how fast it was lately. A request that would have to wait too long is refused
/// before anything is computed for it, so that the others keep their time. Thread-safe.
/// </summary>
internal sealed class ModelQueue(SqueezeBertServerOptions options, TimeProvider time)
{
    /// <summary>Characters of a token on the average, as the library estimates them.</summary>
    private const int CharactersOfToken = 4;

    /// <summary>Seconds after which what was measured before counts half.</summary>
    private const double Memory = 10;

    /// <summary>Tokens before which the speed is not trusted: the first ones wait for code to be compiled.</summary>
    private const double Trusted = 2048;

    private readonly object _lock = new();
    private long _tokens;
    private int _requests;
    private long _busySince;
    private double _busy;
    private double _done;

    /// <summary>Requests that are answered now, those that wait included.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Their estimated tokens.</summary>
    public long Tokens => Interlocked.Read(ref _tokens);

    /// <summary>Tokens that a text of a length has, about.</summary>
    /// <param name="characters">UTF-16 units.</param>
    /// <param name="maxLength">Tokens that are read of it; null where all are.</param>
    public static long Cost(long characters, int? maxLength) =>
        Math.Min(2 + (characters / CharactersOfToken), maxLength ?? long.MaxValue);

    /// <summary>Counts a request in, which must leave by <see cref="Leave"/>.</summary>
    /// <param name="cost">Its estimated tokens.</param>
    /// <exception cref="RequestException">There is too much to do.</exception>
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

    /// <summary>Counts a request out.</summary>
    /// <param name="cost">As it was counted in.</param>
    /// <param name="hasAnswer">Whether it was computed; otherwise it says nothing of the speed.</param>
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

    /// <summary>Seconds until what is there now is answered, as far as the speed is known.</summary>
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
