using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace SqueezeBert.Extensions.Tests;

/// <summary>The health check runs the model, and knows its bits.</summary>
public sealed class HealthTests
{
    [Theory]
    [InlineData(ServedFolder.Squeeze)]
    [InlineData("squeezebert-encoder")]
    [InlineData("bert-question-answering")]
    [InlineData("squeezebert-multiple-choice")]
    [InlineData("squeezebert-masked-lm")]
    public async Task OtherBitsAreUnhealthy(string name)
    {
        using var folder = new ServedFolder(name);
        using var host = Build(folder);
        await host.StartAsync();
        var health = host.Services.GetRequiredService<HealthCheckService>();
        var report = await health.CheckHealthAsync();
        Assert.Equal(HealthStatus.Healthy, report.Status);
        var model = host.Services.GetRequiredService<HostedModel>();
        Assert.Equal(model.Model.Fingerprint, report.Entries["squeezebert"].Data["fingerprint"]);

        // The first and the last bit of the first answer: hidden states, and logits where there are some.
        var expected = model.Loaded!.Probe.Expected;
        var hidden = host.Services.GetRequiredService<FeatureExtractor>().Extract("The quick brown fox jumps over the lazy dog.").Values;
        Assert.Equal(name.EndsWith("encoder", StringComparison.Ordinal), expected.Length == 4 * hidden.Length);
        foreach (var place in new[] { 0, expected.Length - 1 })
        {
            expected[place] ^= 1;
            report = await health.CheckHealthAsync();
            Assert.Equal(HealthStatus.Unhealthy, report.Status);
            Assert.Contains("other bits", report.Entries["squeezebert"].Description);
            expected[place] ^= 1;
        }

        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync()).Status);
        await host.StopAsync();
    }

    [Fact]
    public async Task ANewModelHasItsOwnFirstAnswer()
    {
        using var folder = new ServedFolder();
        using var host = Build(folder);
        await host.StartAsync();
        folder.Replace(ServedFolder.Distil);
        Assert.True(await host.Services.GetRequiredService<HostedModel>().ReloadAsync());
        Assert.Equal(HealthStatus.Healthy, (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status);
        await host.StopAsync();
    }

    [Fact]
    public async Task AModelThatDoesNotAnswerIsUnhealthy()
    {
        using var folder = new ServedFolder();
        using var host = Build(folder);
        var health = host.Services.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync()).Status);
        await host.StartAsync();
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync()).Status);
        host.Services.GetRequiredService<HostedModel>().Model.Dispose();
        var report = await health.CheckHealthAsync();
        Assert.Equal(HealthStatus.Unhealthy, report.Status);
        Assert.IsType<ObjectDisposedException>(report.Entries["squeezebert"].Exception);
        await host.StopAsync();
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync()).Status);
    }

    [Fact]
    public async Task AFullQueueIsDegraded()
    {
        using var folder = new ServedFolder();
        using var host = TestHost.Build(new LogRecorder(), services => services
            .AddSqueezeBert(options =>
            {
                options.ModelPath = folder.Path;
                options.Model = new ModelOptions { QueueCapacity = 1, QueueFullMode = QueueFullMode.Reject, MaxConcurrency = 1 };
            })
            .AddHealthChecks().AddSqueezeBert());
        await host.StartAsync();
        var health = host.Services.GetRequiredService<HealthCheckService>();
        var classifier = host.Services.GetRequiredService<TextClassifier>();
        using var ended = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (!ended.IsCancellationRequested)
            {
                try
                {
                    await classifier.ClassifyAsync(ServedFolder.Text);
                }
                catch (QueueFullException)
                {
                    await Task.Yield();
                }
            }
        })).ToArray();
        HealthReport? report = null;
        await TestHost.UntilAsync(() => report?.Status == HealthStatus.Degraded, () => report = health.CheckHealthAsync().Result);
        Assert.IsType<QueueFullException>(report!.Entries["squeezebert"].Exception);
        await ended.CancelAsync();
        await Task.WhenAll(callers);
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync()).Status);
        await host.StopAsync();
    }

    private static IHost Build(ServedFolder folder) => TestHost.Build(new LogRecorder(), services =>
        services.AddSqueezeBert(folder.Path).AddHealthChecks().AddSqueezeBert());
}
