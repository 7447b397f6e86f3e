using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SqueezeBert.Extensions.Health;

/// <summary>
/// Runs a text through the queue of a model and compares the result with the first one after loading. A model that hangs, fails or computes
/// other bits is unhealthy. A model with a full queue is degraded.
/// </summary>
internal sealed class SqueezeBertHealthCheck(HostedModel model) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            while (true)
            {
                if (model.Loaded is not { } loaded) return Result(context, "the model is not loaded");
                if (!loaded.TryEnter()) continue;
                try
                {
                    var data = new Dictionary<string, object>(StringComparer.Ordinal)
                    {
                        ["fingerprint"] = loaded.Fingerprint,
                        ["queued"] = loaded.Model.QueueLength,
                    };
                    return await loaded.Probe.IsAsBeforeAsync(cancellationToken).ConfigureAwait(false)
                        ? HealthCheckResult.Healthy("the model answers as after its loading", data)
                        : Result(context, "the model's answer has other bits than after its loading", data: data);
                }
                finally
                {
                    loaded.Exit();
                }
            }
        }
        catch (QueueFullException e)
        {
            return HealthCheckResult.Degraded("the model's queue is full", e);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return Result(context, "the model does not answer", e);
        }
    }

    private static HealthCheckResult Result(
        HealthCheckContext context, string description, Exception? exception = null, IReadOnlyDictionary<string, object>? data = null) =>
        new(context.Registration.FailureStatus, description, exception, data);
}
