using Microsoft.Extensions.Hosting;
using SqueezeBert.Extensions.Models;

namespace SqueezeBert.Extensions.Hosting;

/// <summary>
/// Loads a model before any other service of the host starts, watches its files while it runs, and lets its calls end after all others
/// have stopped.
/// </summary>
internal sealed class ModelService(HostedModel model, TimeProvider time) : IHostedLifecycleService
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _watching = Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => model.LoadAsync(cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (model.Loaded is { Options.ReloadOnChange: true } loaded) _watching = WatchAsync(loaded, _stopping.Token);
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

    private async Task WatchAsync(LoadedModel first, CancellationToken cancellationToken)
    {
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
