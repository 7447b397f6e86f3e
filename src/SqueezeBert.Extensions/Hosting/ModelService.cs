using Microsoft.Extensions.Hosting;
using SqueezeBert.Extensions.Models;

namespace SqueezeBert.Extensions.Hosting;

/// <summary>
/// Loads a model before any other service of the host starts, watches its files while the host runs, and lets running calls complete after
/// all other services have stopped.
/// </summary>
internal sealed class ModelService(HostedModel model, LoadOrder order, TimeProvider time, IHostApplicationLifetime? host)
    : IHostedLifecycleService
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _loading = Task.CompletedTask;
    private Task _watching = Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        if (!model.LoadsInBackground) return model.LoadAsync(cancellationToken);
        _loading = order.RunAsync(() => LoadAsync(_stopping.Token), _stopping.Token);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _watching = WatchAsync(_stopping.Token);
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await model.DrainAsync(cancellationToken).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        // Where an earlier model could not be loaded, the host stops.
        if (host?.ApplicationStopping.IsCancellationRequested == true) return;
        try
        {
            await model.LoadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // A host that would never be ready shall not look as if it ran; why is logged.
            model.Failure = e;
            host?.StopApplication();
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        // A host that stops does not wait for a model that it does not need any more.
        await _loading.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (model.Loaded is not { Options.ReloadOnChange: true } first) return;
        using var timer = new PeriodicTimer(first.Options.ReloadInterval, time);
        var known = first.Files;
        var last = known;
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            if (model.Loaded is not { } loaded) return;
            var now = FolderState.Of(loaded.Options.ModelPath!);
            var isStill = now.Equals(last);
            last = now;
            if (!isStill || now.Equals(known) || now.Equals(loaded.Files)) continue;

            // What is refused is not tried again until it changes.
            known = now;
            try
            {
                await model.ReloadAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Why it was refused is logged; the old one goes on.
            }
        }
    }
}
