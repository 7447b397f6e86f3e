namespace SqueezeBert.Extensions.Hosting;

/// <summary>
/// Lets the models of a host that load in the background do so one after another, in the order in which they were added. The first one is
/// then ready as early as if it were alone, because loading takes the whole machine. Thread-safe.
/// </summary>
internal sealed class LoadOrder
{
    private readonly object _lock = new();
    private Task _last = Task.CompletedTask;

    /// <summary>Runs an action after those that were given earlier, whether they failed or not.</summary>
    /// <param name="load">The action.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public Task RunAsync(Func<Task> load, CancellationToken cancellationToken)
    {
        lock (_lock) return _last = RunAfterAsync(_last, load, cancellationToken);
    }

    private static async Task RunAfterAsync(Task before, Func<Task> load, CancellationToken cancellationToken)
    {
        await before.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        await load().ConfigureAwait(false);
    }
}
