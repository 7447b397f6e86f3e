using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using SqueezeBert.Extensions.Health;

namespace SqueezeBert.Extensions;

/// <summary>Health checks of the models of <see cref="SqueezeBertServices"/>.</summary>
public static class SqueezeBertHealthChecks
{
    /// <summary>
    /// Adds a check that runs a text and compares the answer, to the bit, with the first one after the model was loaded. It needs
    /// milliseconds of the model's time, and waits its turn in the model's queue.
    /// </summary>
    /// <param name="builder">From <c>services.AddHealthChecks()</c>.</param>
    /// <param name="key">The model's key; null for the one without.</param>
    /// <param name="name">The check's name; null for "squeezebert", and the key behind it.</param>
    /// <param name="failureStatus">What is reported when it fails; null for unhealthy. A full queue is degraded.</param>
    /// <param name="tags">For choosing among checks.</param>
    /// <param name="timeout">After which the model counts as hanging; null for 30 seconds.</param>
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
