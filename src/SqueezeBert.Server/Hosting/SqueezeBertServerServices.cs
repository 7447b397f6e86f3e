using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SqueezeBert.Server.Calls;
using SqueezeBert.Server.Models;
using SqueezeBert.Server.Monitoring;

namespace SqueezeBert.Server;

/// <summary>Adds the services of the server to a host with models.</summary>
public static class SqueezeBertServerServices
{
    /// <summary>
    /// Adds the services that <see cref="SqueezeBertEndpoints.MapSqueezeBert"/> needs. The models are those of <c>AddSqueezeBert</c> and
    /// <c>AddKeyedSqueezeBert</c>. The keys of the models are their names in requests, and the model without a key is called "default".
    /// Time limits of Kestrel that the host has not set are set to values that are safe for unknown clients.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Sets the options. Null uses the defaults.</param>
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
