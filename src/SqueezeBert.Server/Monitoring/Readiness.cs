using Microsoft.Extensions.Diagnostics.HealthChecks;
using SqueezeBert.Extensions.Health;
using SqueezeBert.Server.Models;

namespace SqueezeBert.Server.Monitoring;

/// <summary>
/// Determines whether the server is ready: every model has recently computed its known text with the same bits as after loading, and the
/// host is not stopping. However often it is requested, only one check runs at a time, and at most one per second. Thread-safe.
/// </summary>
internal sealed class Readiness(ServedModels models, ServerState state, TimeProvider time)
{
    /// <summary>The time for which a result is valid.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    /// <summary>The longest time that a request waits for a running check. After it, the last result is used.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The largest age of a result while a check is running, which waits for its turn in the queue. After it, the model is considered to
    /// hang.
    /// </summary>
    private static readonly TimeSpan Old = TimeSpan.FromSeconds(60);

    private readonly object _lock = new();
    private Task<string?>? _running;
    private long _checked;
    private string? _problem = "no model has been checked yet";

    /// <summary>Returns why the server is not ready, for programs and people, or null if it is ready.</summary>
    public async Task<string?> ProblemAsync(CancellationToken cancellationToken)
    {
        if (state.IsDraining) return "the server stops";
        var (loaded, others) = (Names(isLoaded: true), Names(isLoaded: false));
        if (others.Length > 0) return $"not loaded: {others}{(loaded.Length > 0 ? $"; loaded: {loaded}" : "")}";
        Task<string?> running;
        lock (_lock)
        {
            if (_checked != 0 && time.GetElapsedTime(_checked) < Fresh) return _problem;
            running = _running ??= CheckAsync();
        }

        try
        {
            return await running.WaitAsync(Patience, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            lock (_lock)
            {
                return _checked == 0 || time.GetElapsedTime(_checked) > Old ? "the models do not answer" : _problem;
            }
        }
    }

    private string Names(bool isLoaded) =>
        string.Join(", ", models.All.Where(model => model.Hosted.Loaded is not null == isLoaded).Select(model => model.Name));

    private async Task<string?> CheckAsync()
    {
        // Off the lock of who asks.
        await Task.Yield();
        string? problem = null;
        foreach (var model in models.All) problem ??= await CheckAsync(model).ConfigureAwait(false);
        lock (_lock)
        {
            (_problem, _checked, _running) = (problem, time.GetTimestamp(), null);
        }

        return problem;
    }

    private static async Task<string?> CheckAsync(ServedModel model)
    {
        var check = new SqueezeBertHealthCheck(model.Hosted);
        using var timeout = new CancellationTokenSource(Old);
        try
        {
            var result = await check.CheckHealthAsync(
                new HealthCheckContext { Registration = new HealthCheckRegistration(model.Name, check, null, null) }, timeout.Token)
                .ConfigureAwait(false);
            return result.Status == HealthStatus.Unhealthy ? $"the model '{model.Name}': {result.Description}" : null;
        }
        catch (OperationCanceledException)
        {
            return $"the model '{model.Name}' does not answer";
        }
    }
}
