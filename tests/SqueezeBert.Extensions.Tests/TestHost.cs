using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SqueezeBert.Extensions.Tests;

/// <summary>Hosts of tests: no configuration files, no console, and a log that can be read.</summary>
internal static class TestHost
{
    public static IHost Build(LogRecorder log, Action<IServiceCollection> services)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log);
        services(builder.Services);
        return builder.Build();
    }

    /// <summary>Waits for something that happens soon.</summary>
    public static async Task UntilAsync(Func<bool> isTrue, Action? meanwhile = null)
    {
        var end = Environment.TickCount64 + 60_000;
        while (!isTrue())
        {
            Assert.True(Environment.TickCount64 < end, "it did not happen within a minute");
            meanwhile?.Invoke();
            await Task.Delay(10);
        }
    }
}
