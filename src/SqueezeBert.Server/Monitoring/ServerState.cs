using Microsoft.Extensions.Hosting;

namespace SqueezeBert.Server.Monitoring;

/// <summary>
/// The state of the server in its lifetime. When the host stops, the server first reports that it is not ready. It continues to answer
/// until load balancers have noticed. Then it refuses new requests and answers the accepted ones. Thread-safe.
/// </summary>
internal sealed class ServerState(SqueezeBertServerOptions options, IHostApplicationLifetime host, TimeProvider time)
    : IHostedLifecycleService
{
    private volatile bool _isDraining;
    private volatile bool _isStopping;

    /// <summary>Whether the server should get no new requests.</summary>
    public bool IsDraining => _isDraining || host.ApplicationStopping.IsCancellationRequested;

    /// <summary>Whether new requests are refused.</summary>
    public bool IsStopping => _isStopping || (options.ShutdownDelay == TimeSpan.Zero && IsDraining);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _isDraining = true;
        if (options.ShutdownDelay > TimeSpan.Zero)
            await Task.Delay(options.ShutdownDelay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _isStopping = true;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
