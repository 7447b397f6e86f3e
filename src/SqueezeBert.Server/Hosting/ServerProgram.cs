using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using SqueezeBert.Extensions;
using SqueezeBert.Server.Models;

namespace SqueezeBert.Server.Hosting;

/// <summary>`squeezebert serve`: a separate host, which reads no configuration except its arguments.</summary>
internal static class ServerProgram
{
    /// <summary>Serves until it is cancelled. Accepted requests are then still answered.</summary>
    /// <param name="settings">What to serve.</param>
    /// <param name="output">Is told the addresses, once they answer.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SqueezeBertException">A model cannot be loaded.</exception>
    /// <exception cref="IOException">An address cannot be listened on.</exception>
    public static async Task RunAsync(ServerSettings settings, TextWriter output, CancellationToken cancellationToken)
    {
        var app = Build(settings);
        await using (app.ConfigureAwait(false))
        {
            try
            {
                await app.StartAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            foreach (var address in app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses)
                output.WriteLine($"listening on {address}");
            output.Flush();
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, app.Lifetime.ApplicationStopping);
            await Task.Delay(Timeout.InfiniteTimeSpan, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await app.StopAsync(CancellationToken.None).ConfigureAwait(false);
            foreach (var model in app.Services.GetRequiredService<ServedModels>().All)
            {
                if (model.Hosted.Failure is { } failure) ExceptionDispatchInfo.Throw(failure);
            }
        }
    }

    private static WebApplication Build(ServerSettings settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(settings.Urls.Split(';', StringSplitOptions.RemoveEmptyEntries));
        builder.Logging.SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning)

            // The tool prints in one line what the host would log with the places in its code.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
            .AddSimpleConsole(options =>
            {
                options.SingleLine = true;
                options.ColorBehavior = LoggerColorBehavior.Disabled;
                options.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
                options.UseUtcTimestamp = true;
            })
            .Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);

        // The tool hears the signals.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        foreach (var (name, path) in settings.Models)
        {
            builder.Services.AddKeyedSqueezeBert(name, options =>
            {
                options.ModelPath = path;
                options.LoadInBackground = true;
                options.ReloadOnChange = settings.ReloadsOnChange;
                options.Reading = new ReadingOptions { MaxLength = settings.MaxLength, LongText = settings.LongText };
                options.Model = new ModelOptions
                {
                    Name = name,
                    Threads = settings.Threads,
                    BatchTokens = settings.BatchTokens ?? options.Model.BatchTokens,
                };
            });
        }

        builder.Services.AddSqueezeBertServer(options =>
        {
            options.ApiKeys = settings.ApiKeys;
            options.AreMetricsPublic = settings.ApiKeys.Count == 0;
            options.ManagementPort = settings.ManagementPort;
            options.MaxQueuedTokens = settings.QueueTokens ?? options.MaxQueuedTokens;
            options.MaxTexts = settings.MaxTexts ?? options.MaxTexts;
            options.Shares = settings.Shares;
            options.ShutdownDelay = settings.ShutdownDelay;
        });
        builder.Services.AddOptions<HostOptions>().Configure<SqueezeBertServerOptions>(static (host, options) =>
            host.ShutdownTimeout = options.ShutdownDelay + options.RequestTimeout + TimeSpan.FromSeconds(5));
        var app = builder.Build();
        app.MapSqueezeBert();
        return app;
    }

    /// <summary>Waits for nothing and hears nothing.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
