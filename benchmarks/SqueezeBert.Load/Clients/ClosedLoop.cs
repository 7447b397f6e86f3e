using System.Diagnostics;
using System.Net;

namespace SqueezeBert.Load.Clients;

/// <summary>
/// A number of clients, each with its next request as soon as the last one is answered: what a server can do at most, without a queue that
/// grows. Its latencies say nothing of users, who do not wait for each other.
/// </summary>
internal static class ClosedLoop
{
    /// <param name="server">The address.</param>
    /// <param name="requests">Taken in turns.</param>
    /// <param name="clients">How many clients.</param>
    /// <param name="warmUp">How long before it is measured.</param>
    /// <param name="duration">How long it is measured.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<LoadResult> RunAsync(
        IPEndPoint server, IReadOnlyList<HttpRequest> requests, int clients, TimeSpan warmUp, TimeSpan duration,
        CancellationToken cancellationToken)
    {
        using var connections = new ConnectionPool(server);
        var result = new LoadResult(duration) { MostPending = clients };
        var started = Stopwatch.GetTimestamp();
        var next = 0;
        var cpu = CpuAfterAsync(warmUp, cancellationToken);
        var asking = Enumerable.Range(0, clients).Select(_ => Task.Run(
            async () =>
            {
                while (Stopwatch.GetElapsedTime(started) < warmUp + duration)
                {
                    var request = requests[(Interlocked.Increment(ref next) & int.MaxValue) % requests.Count];
                    var asked = Stopwatch.GetElapsedTime(started);
                    var reply = await connections.AskAsync(request, cancellationToken);
                    var now = Stopwatch.GetElapsedTime(started);
                    if (asked >= warmUp) result.Record("", reply, now - asked);
                    if (reply.Status == 200 && now >= warmUp && now < warmUp + duration) result.Answered(request.Texts);
                    if (reply.Status == 0) await Task.Delay(10, cancellationToken);
                }
            },
            cancellationToken)).ToList();
        await Task.WhenAll(asking);
        result.ClientCores = (Environment.CpuUsage.TotalTime - await cpu) / duration;
        return result;
    }

    private static async Task<TimeSpan> CpuAfterAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        await Task.Delay(time, cancellationToken);
        return Environment.CpuUsage.TotalTime;
    }
}
