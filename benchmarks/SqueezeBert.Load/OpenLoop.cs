using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using HdrHistogram;

namespace SqueezeBert.Load;

/// <summary>
/// Requests at their times, whether or not earlier ones are answered, as users come who do not know of each other. A request's latency
/// counts from when it was due, so that a server that stalls is not spared the requests that it has kept from being sent.
/// </summary>
internal sealed class OpenLoop(LoadOptions options)
{
    private const long Longest = 600_000_000;

    private readonly ConcurrentDictionary<(int Words, int Status), LongConcurrentHistogram> _latencies = new();
    private readonly Random _random = new(1);
    private int _pending;
    private int _mostPending;

    /// <summary>Requests that were under way at a time, at most.</summary>
    public int MostPending => _mostPending;

    /// <summary>Latencies in microseconds, by words and status; 0 is no answer.</summary>
    public IReadOnlyDictionary<(int Words, int Status), LongConcurrentHistogram> Latencies => _latencies;

    /// <summary>Asks until the time is over and the last answer is there.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler
        {
            MaxConnectionsPerServer = int.MaxValue,
            PooledConnectionLifetime = TimeSpan.FromHours(1),
        };
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromMinutes(5) };
        if (options.Key is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.Key);
        var asked = new List<Task>();
        var started = Stopwatch.GetTimestamp();
        var due = 0.0;
        for (var i = 0; due < (options.WarmUp + options.Duration).TotalSeconds; i++)
        {
            var wait = TimeSpan.FromSeconds(due) - Stopwatch.GetElapsedTime(started);
            if (wait > TimeSpan.Zero) await Task.Delay(wait, cancellationToken);
            var words = options.Words[i % options.Words.Count];
            asked.Add(AskAsync(client, words, started, due, cancellationToken));

            // Arrivals of a Poisson process.
            due += -Math.Log(1 - _random.NextDouble()) / options.Rate;
        }

        await Task.WhenAll(asked);
    }

    private async Task AskAsync(HttpClient client, int words, long started, double due, CancellationToken cancellationToken)
    {
        var pending = Interlocked.Increment(ref _pending);
        InterlockedMax(ref _mostPending, pending);
        var status = 0;
        try
        {
            var text = string.Join(' ', Enumerable.Repeat("film", words));
            using var content = new StringContent(
                options.Body.Replace("{}", text, StringComparison.Ordinal), Encoding.UTF8, "application/json");
            using var response = await client.PostAsync(options.Address, content, cancellationToken);
            await response.Content.ReadAsByteArrayAsync(cancellationToken);
            status = (int)response.StatusCode;
        }
        catch (HttpRequestException)
        {
            // Counted as no answer.
        }
        finally
        {
            Interlocked.Decrement(ref _pending);
        }

        if (due < options.WarmUp.TotalSeconds) return;
        var latency = Stopwatch.GetElapsedTime(started) - TimeSpan.FromSeconds(due);
        _latencies.GetOrAdd((words, status), static _ => new LongConcurrentHistogram(1, Longest, 3))
            .RecordValue(Math.Clamp((long)latency.TotalMicroseconds, 1, Longest));
    }

    private static void InterlockedMax(ref int place, int value)
    {
        for (var seen = Volatile.Read(ref place); seen < value;)
        {
            var found = Interlocked.CompareExchange(ref place, value, seen);
            if (found == seen) return;
            seen = found;
        }
    }
}
