using System.Diagnostics;

namespace SqueezeBert.Load.Servers;

/// <summary>Samples a server's memory while something else goes on.</summary>
internal sealed class MemoryWatch
{
    private readonly List<MemorySample> _samples = [];
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _watching;

    public MemoryWatch(ServerProcess server, TimeSpan interval) => _watching = WatchAsync(server, interval);

    /// <summary>Ends it.</summary>
    public async Task<IReadOnlyList<MemorySample>> StopAsync()
    {
        await _ended.CancelAsync();
        await _watching;
        _ended.Dispose();
        return _samples;
    }

    private async Task WatchAsync(ServerProcess server, TimeSpan interval)
    {
        var started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(interval);
        try
        {
            do
            {
                _samples.Add(await server.SampleAsync(Stopwatch.GetElapsedTime(started), _ended.Token));
            }
            while (await timer.WaitForNextTickAsync(_ended.Token));
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }
}
