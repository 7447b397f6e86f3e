using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using SqueezeBert.Extensions.Health;

namespace SqueezeBert.Extensions;

/// <summary>Adds health checks for the models of <see cref="SqueezeBertServices"/>.</summary>
public static class SqueezeBertHealthChecks
{
    /// <summary>
    /// Adds a check that classifies or embeds a short text and compares the result, bit by bit, with the first result after the model was
    /// loaded. It takes milliseconds of computing time and waits for its turn in the model's queue.
    /// </summary>
    /// <param name="builder">The builder that <c>services.AddHealthChecks()</c> returns.</param>
    /// <param name="key">The key of the model. Null means the model without a key.</param>
    /// <param name="name">The name of the check. Null means "squeezebert", followed by the key.</param>
    /// <param name="failureStatus">The status of a failed check. Null means unhealthy. A full queue is always reported as degraded.</param>
    /// <param name="tags">Tags for selecting checks.</param>
    /// <param name="timeout">The time after which the model is considered to hang. Null means 30 seconds.</param>
    public static IHealthChecksBuilder AddSqueezeBert(
        this IHealthChecksBuilder builder, string? key = null, string? name = null, HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name ?? (key is null ? "squeezebert" : $"squeezebert:{key}"),
            provider => new SqueezeBertHealthCheck(provider.GetRequiredKeyedService<HostedModel>(key)),
            failureStatus, tags, timeout ?? TimeSpan.FromSeconds(30)));
    }
}
