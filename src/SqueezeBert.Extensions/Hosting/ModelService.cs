using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SqueezeBert.Extensions.Models;

namespace SqueezeBert.Extensions.Hosting;

/// <summary>
/// Loads a model before any other service of the host starts, watches its files while it runs, and lets its calls end after all others
/// have stopped.
/// </summary>
internal sealed class ModelService(HostedModel model, IOptionsMonitor<SqueezeBertOptions> options, TimeProvider time)
    : IHostedLifecycleService
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _watching = Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => model.LoadAsync(cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (options.Get(model.Name).ReloadOnChange) _watching = WatchAsync(_stopping.Token);
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

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.Get(model.Name).ReloadInterval, time);
        var known = model.Loaded?.Files;
        var last = known;
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            if (PathOrNull() is not { } path) continue;
            var now = FolderState.Of(path);
            var isStill = now.Equals(last);
            last = now;
            if (!isStill || now.Equals(known) || now.Equals(model.Loaded?.Files)) continue;

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

    /// <summary>The configuration may have become wrong; what is loaded is not touched by that.</summary>
    private string? PathOrNull()
    {
        try
        {
            return options.Get(model.Name).ModelPath;
        }
        catch (Exception e) when (e is OptionsValidationException or InvalidOperationException)
        {
            return null;
        }
    }
}
