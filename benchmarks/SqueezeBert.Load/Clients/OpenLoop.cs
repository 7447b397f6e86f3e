using System.Diagnostics;

namespace SqueezeBert.Load.Clients;

/// <summary>
/// Requests at their times, whether or not earlier ones are answered, as users come who do not know of each other. A request's latency
/// counts from when it was due, so that a server that stalls is not spared the requests that it has kept from being sent.
/// </summary>
internal sealed class OpenLoop(LoadPlan plan) : IDisposable
{
    /// <summary>How long answers are waited for when the last request is sent.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConnectionPool _connections = new(plan.Server);
    private readonly LoadResult _result = new(plan.Duration);
    private readonly CancellationTokenSource _ended = new();
    private long _started;
    private int _pending;
    private int _mostPending;

    /// <summary>Asks until the time is over and the last answer is there.</summary>
    public async Task<LoadResult> RunAsync(CancellationToken cancellationToken)
    {
        using var stop = cancellationToken.Register(_ended.Cancel);
        var sender = Task.Factory.StartNew(
            () => Send(cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var asked = await sender;
        _ended.CancelAfter(Patience);
        await Task.WhenAll(asked);
        cancellationToken.ThrowIfCancellationRequested();
        _result.MostPending = _mostPending;
        return _result;
    }

    public void Dispose()
    {
        _connections.Dispose();
        _ended.Dispose();
    }

    private List<Task> Send(CancellationToken cancellationToken)
    {
        var random = new Random(1);
        var turns = new int[plan.Kinds.Count];
        var shares = plan.Kinds.Sum(kind => kind.Share);
        var asked = new List<Task>();
        var warmUp = plan.WarmUp.TotalSeconds;
        var end = (plan.WarmUp + plan.Duration).TotalSeconds;
        TimeSpan? cpu = null;
        _started = Stopwatch.GetTimestamp();
        for (var due = 0.0; due < end && !cancellationToken.IsCancellationRequested;)
        {
            if (due >= warmUp) cpu ??= Environment.CpuUsage.TotalTime;
            var moment = _started + (long)(due * Stopwatch.Frequency);
            Clock.WaitUntil(moment);
            var kind = 0;
            for (var left = random.NextDouble() * shares; kind < turns.Length - 1 && left >= plan.Kinds[kind].Share; kind++)
                left -= plan.Kinds[kind].Share;
            var requests = plan.Kinds[kind].Requests;
            if (asked.Count > 100_000) asked.RemoveAll(task => task.IsCompleted);
            asked.Add(AskAsync(plan.Kinds[kind].Name, requests[turns[kind]++ % requests.Count], due));

            // Arrivals of a Poisson process.
            due += -Math.Log(1 - random.NextDouble()) / plan.Rate;
        }

        _result.ClientCores = (Environment.CpuUsage.TotalTime - (cpu ?? Environment.CpuUsage.TotalTime)) / plan.Duration;
        return asked;
    }

    private async Task AskAsync(string kind, HttpRequest request, double due)
    {
        var isMeasured = due >= plan.WarmUp.TotalSeconds;
        if (isMeasured) _result.Late(Stopwatch.GetElapsedTime(_started) - TimeSpan.FromSeconds(due));
        _mostPending = Math.Max(_mostPending, Interlocked.Increment(ref _pending));
        var reply = default(HttpReply);
        try
        {
            reply = await _connections.AskAsync(request, _ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Counted as no answer.
        }

        Interlocked.Decrement(ref _pending);
        var now = Stopwatch.GetElapsedTime(_started);
        if (reply.Status == 200 && now >= plan.WarmUp && now < plan.WarmUp + plan.Duration) _result.Answered(request.Texts);
        if (isMeasured) _result.Record(kind, reply, now - TimeSpan.FromSeconds(due));
    }
}
