using System.Collections.Concurrent;
using HdrHistogram;

namespace SqueezeBert.Load.Clients;

/// <summary>What was measured of a load. Thread-safe while it is filled.</summary>
internal sealed class LoadResult(TimeSpan duration)
{
    private const long Longest = 600_000_000;

    private readonly ConcurrentDictionary<(string Kind, int Status), LongConcurrentHistogram> _latencies = new();
    private readonly LongConcurrentHistogram _lateness = new(1, Longest, 3);
    private long _answered;
    private long _texts;
    private int _withoutRetryAfter;

    /// <summary>Latencies in microseconds, by kind and status; 0 is no answer.</summary>
    public IReadOnlyDictionary<(string Kind, int Status), LongConcurrentHistogram> Latencies => _latencies;

    /// <summary>Requests with status 200 a second, by when the answer came.</summary>
    public double AnsweredASecond => _answered / duration.TotalSeconds;

    /// <summary>Their texts.</summary>
    public double TextsASecond => _texts / duration.TotalSeconds;

    /// <summary>Requests under way at a time, at most.</summary>
    public int MostPending { get; set; }

    /// <summary>Cores that the client took.</summary>
    public double ClientCores { get; set; }

    /// <summary>How many 429 did not say when to come again.</summary>
    public int WithoutRetryAfter => _withoutRetryAfter;

    /// <summary>Requests that were due in the measured time.</summary>
    public long Count => _latencies.Values.Sum(latencies => latencies.TotalCount);

    /// <summary>Milliseconds by which requests were sent later than they were due.</summary>
    public double LatenessAt(double percentile) => _lateness.GetValueAtPercentile(percentile) / 1000.0;

    /// <summary>Requests of a status.</summary>
    public long CountOf(int status) => _latencies.Where(item => item.Key.Status == status).Sum(item => item.Value.TotalCount);

    /// <summary>Milliseconds of a status, of one kind or of all of them; null where there was none.</summary>
    public double? MillisecondsAt(double percentile, int status = 200, string? kind = null)
    {
        var sum = new LongHistogram(1, Longest, 3);
        foreach (var (key, latencies) in _latencies)
        {
            if (key.Status == status && (kind is null || key.Kind == kind)) sum.Add(latencies);
        }

        return sum.TotalCount == 0 ? null : sum.GetValueAtPercentile(percentile) / 1000.0;
    }

    /// <summary>Counts a request that was due in the measured time.</summary>
    public void Record(string kind, HttpReply reply, TimeSpan latency)
    {
        _latencies.GetOrAdd((kind, reply.Status), static _ => new LongConcurrentHistogram(1, Longest, 3)).RecordValue(Micro(latency));
        if (reply is { Status: 429, HasRetryAfter: false }) Interlocked.Increment(ref _withoutRetryAfter);
    }

    /// <summary>Counts an answer that came in the measured time.</summary>
    public void Answered(int texts)
    {
        Interlocked.Increment(ref _answered);
        Interlocked.Add(ref _texts, texts);
    }

    public void Late(TimeSpan time) => _lateness.RecordValue(Micro(time));

    private static long Micro(TimeSpan time) => Math.Clamp((long)time.TotalMicroseconds, 1, Longest);
}
