using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SqueezeBert.Server.Calls;
using SqueezeBert.Server.Models;
using SqueezeBert.Server.Monitoring;

namespace SqueezeBert.Server;

/// <summary>Adds the server's services to a host that has models.</summary>
public static class SqueezeBertServerServices
{
    /// <summary>
    /// Adds what <see cref="SqueezeBertEndpoints.MapSqueezeBert"/> needs. The models are those of <c>AddSqueezeBert</c> and
    /// <c>AddKeyedSqueezeBert</c>, whose keys are their names in addresses; the one without a key is called "default". Kestrel's limits of
    /// time are set for clients that nobody knows, where the host has not set them.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets limits; null for the defaults.</param>
    public static IServiceCollection AddSqueezeBertServer(
        this IServiceCollection services, Action<SqueezeBertServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddRouting();
        services.AddOptions<SqueezeBertServerOptions>();
        if (configure is not null) services.Configure(configure);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(static provider =>
        {
            var options = provider.GetRequiredService<IOptions<SqueezeBertServerOptions>>().Value;
            options.Validate();
            return options;
        });
        services.TryAddSingleton<ServedModels>();
        services.TryAddSingleton<ServerMetrics>();
        services.TryAddSingleton<Readiness>();
        services.TryAddSingleton<CallServices>();
        if (services.Any(service => service.ServiceType == typeof(ServerState))) return services;
        services.AddSingleton<ServerState>();
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<ServerState>());
        services.AddOptions<KestrelServerOptions>().Configure<SqueezeBertServerOptions>(static (kestrel, options) =>
        {
            kestrel.AddServerHeader = false;

            kestrel.Limits.MaxConcurrentConnections ??= 4L * options.MaxConcurrentRequests;
            kestrel.Limits.RequestHeadersTimeout = options.BodyTimeout;
        });
        return services;
    }
}
