using Microsoft.Extensions.Hosting;

namespace SqueezeBert.Server.Monitoring;

/// <summary>
/// Where the server is in its life. When the host stops, readiness goes first; then the server answers for as long as load balancers need
/// to notice; then new requests are refused, and those that were taken are answered. Thread-safe.
/// </summary>
internal sealed class ServerState(SqueezeBertServerOptions options, IHostApplicationLifetime host, TimeProvider time)
    : IHostedLifecycleService
{
    private volatile bool _isDraining;
    private volatile bool _isStopping;

    /// <summary>Whether it shall get no new requests.</summary>
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
