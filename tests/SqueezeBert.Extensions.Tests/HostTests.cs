using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SqueezeBert.Checkpoints;
using SqueezeBert.Extensions.Models;

namespace SqueezeBert.Extensions.Tests;

/// <summary>A host with models: services, start, stop.</summary>
public sealed class HostTests
{
    private readonly LogRecorder _log = new();

    [Fact]
    public async Task PipelinesAreSingletonsOverOneModel()
    {
        using var folder = new ServedFolder();
        using var host = TestHost.Build(_log, services => services.AddSqueezeBert(folder.Path));
        await host.StartAsync();
        var classifier = host.Services.GetRequiredService<TextClassifier>();
        Assert.Same(classifier, host.Services.GetRequiredService<TextClassifier>());
        Assert.Same(classifier, host.Services.GetRequiredService<ReloadablePipeline<TextClassifier>>().Current);
        var extractor = host.Services.GetRequiredService<FeatureExtractor>();
        Assert.Same(classifier.Model, extractor.Model);
        Assert.Same(classifier.Model, host.Services.GetRequiredService<HostedModel>().Model);
        Assert.Equal(ServedFolder.Scores(ServedFolder.Squeeze), ServedFolder.Scores(classifier.Classify(ServedFolder.Text)));
        await host.StopAsync();
        Assert.Throws<ObjectDisposedException>(() => classifier.Classify("a"));
    }

    [Fact]
    public void EveryPipelineOfTheLibraryIsAService()
    {
        var services = new ServiceCollection().AddSqueezeBert("folder");
        var pipelines = typeof(TextPipeline).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(TextPipeline))).ToList();
        Assert.True(pipelines.Count >= 8);
        Assert.All(pipelines, type =>
        {
            Assert.Contains(type, PipelineTypes.All);
            Assert.Contains(services, service => service.ServiceType == type && service.Lifetime == ServiceLifetime.Singleton);
            Assert.Contains(services, service => service.ServiceType == typeof(ReloadablePipeline<>).MakeGenericType(type));
            Assert.NotNull(typeof(SqueezeBertOptions).GetProperty(type.Name, BindingFlags.Public | BindingFlags.Instance));
        });
    }

    [Theory]
    [InlineData("squeezebert-question-answering", typeof(QuestionAnswerer))]
    [InlineData("squeezebert-masked-lm", typeof(MaskFiller))]
    [InlineData("squeezebert-token-classification", typeof(TokenClassifier))]
    [InlineData("squeezebert-multiple-choice", typeof(ChoiceSelector))]
    [InlineData("squeezebert-encoder", typeof(TextEmbedder))]
    [InlineData("squeezebert-encoder", typeof(FeatureExtractor))]
    public async Task EachKindOfModelServesItsPipeline(string model, Type type)
    {
        using var folder = new ServedFolder(model);
        using var host = TestHost.Build(_log, services => services.AddSqueezeBert(
            options => (options.ModelPath, options.Reading) = (folder.Path, new() { MaxLength = 17 })));
        await host.StartAsync();
        var pipeline = (TextPipeline)host.Services.GetRequiredService(type);
        pipeline.WarmUp();
        Assert.Equal(17, pipeline.MaxLength);
        Assert.Throws<UnsupportedModelException>(() => host.Services.GetRequiredService<TextClassifier>());
        await host.StopAsync();
    }

    [Fact]
    public async Task SeveralModelsHaveKeys()
    {
        using var first = new ServedFolder(ServedFolder.Squeeze);
        using var second = new ServedFolder(ServedFolder.Distil);
        using var host = TestHost.Build(_log, services => services
            .AddKeyedSqueezeBert("first", options => options.ModelPath = first.Path)
            .AddKeyedSqueezeBert("second", options => options.ModelPath = second.Path));
        await host.StartAsync();
        foreach (var (key, model) in new[] { ("first", ServedFolder.Squeeze), ("second", ServedFolder.Distil) })
        {
            var classifier = host.Services.GetRequiredKeyedService<TextClassifier>(key);
            Assert.Equal(ServedFolder.Scores(model), ServedFolder.Scores(classifier.Classify(ServedFolder.Text)));
            Assert.Same(classifier, host.Services.GetRequiredKeyedService<ReloadablePipeline<TextClassifier>>(key).Current);
        }

        Assert.Null(host.Services.GetService<TextClassifier>());
        await host.StopAsync();
    }

    [Fact]
    public async Task AHostWithoutItsModelDoesNotStart()
    {
        using var folder = new ServedFolder();
        var right = Directory.CreateDirectory(Path.Combine(folder.Path, "model")).FullName;
        var wrong = right + "x";
        using var host = TestHost.Build(_log, services => services.AddSqueezeBert(wrong));
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Contains($"{wrong}: no such file or folder; did you mean '{right}'", error.Message);

        using var none = TestHost.Build(_log, services => services.AddSqueezeBert(_ => { }));
        error = await Assert.ThrowsAsync<OptionsValidationException>(() => none.StartAsync());
        Assert.Contains("ModelPath is not set", error.Message);
    }

    [Fact]
    public async Task AHostWithADamagedModelDoesNotStart()
    {
        using var folder = new ServedFolder();
        File.Delete(Path.Combine(folder.Path, "vocab.txt"));
        File.Delete(Path.Combine(folder.Path, "tokenizer.json"));
        using var host = TestHost.Build(_log, services => services.AddSqueezeBert(folder.Path));
        var error = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());
        Assert.Contains("neither tokenizer.json nor vocab.txt", error.Message);
        Assert.Contains(_log.Entries, entry => entry is { Level: LogLevel.Critical, Id: 2 });
    }

    [Fact]
    public async Task WithoutAHostTheModelIsLoadedAtFirstUse()
    {
        using var folder = new ServedFolder();
        await using var provider = new ServiceCollection().AddSqueezeBert(folder.Path).BuildServiceProvider();
        Assert.Null(provider.GetRequiredService<HostedModel>().Loaded);
        var classifier = provider.GetRequiredService<TextClassifier>();
        Assert.Equal(ServedFolder.Scores(ServedFolder.Squeeze), ServedFolder.Scores(classifier.Classify(ServedFolder.Text)));
    }

    [Fact]
    public async Task AStopWaitsForLeasesAndCalls()
    {
        using var folder = new ServedFolder();
        using var host = TestHost.Build(_log, services => services.AddSqueezeBert(folder.Path));
        await host.StartAsync();
        var pipeline = host.Services.GetRequiredService<ReloadablePipeline<TextClassifier>>();
        var injected = host.Services.GetRequiredService<TextClassifier>();
        var lease = pipeline.Rent();
        var calls = Enumerable.Range(0, 50).Select(_ => injected.ClassifyAsync(ServedFolder.Text)).ToList();
        var stop = host.StopAsync();
        await TestHost.UntilAsync(() => IsStopped(pipeline));
        Assert.False(stop.IsCompleted);
        Assert.Equal(ServedFolder.Scores(ServedFolder.Squeeze), ServedFolder.Scores(lease.Pipeline.Classify(ServedFolder.Text)));
        lease.Dispose();
        await stop;
        Assert.All(calls, call => Assert.True(call.IsCompletedSuccessfully));
        Assert.Contains(_log.Entries, entry => entry.Id == 9);
        Assert.Throws<ObjectDisposedException>(() => pipeline.Run(classifier => classifier.Classify("a")));
    }

    [Fact]
    public async Task AStopWaitsNoLongerThanTheHost()
    {
        using var folder = new ServedFolder();
        using var host = TestHost.Build(_log, services => services
            .Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(300))
            .AddSqueezeBert(folder.Path));
        await host.StartAsync();
        using var lease = host.Services.GetRequiredService<ReloadablePipeline<TextClassifier>>().Rent();
        await host.StopAsync();
        Assert.Contains(_log.Entries, entry => entry is { Level: LogLevel.Warning, Id: 10 });
    }

    [Fact]
    public async Task NoTextIsLogged()
    {
        using var folder = new ServedFolder();
        using var host = TestHost.Build(_log, services => services.AddSqueezeBert(options =>
        {
            options.ModelPath = folder.Path;
            options.Model = new() { MaxConcurrency = 1, QueueCapacity = 1, QueueFullMode = QueueFullMode.Reject };
        }));
        await host.StartAsync();
        var pipeline = host.Services.GetRequiredService<ReloadablePipeline<TextClassifier>>();
        const string Secret = "zebra";
        var calls = Enumerable.Range(0, 2000).Select(_ => pipeline.RunAsync(one => one.ClassifyAsync($"a {Secret} was here"))).ToList();
        await Task.WhenAny(Task.WhenAll(calls));
        Assert.Contains(calls, call => call.Exception?.InnerException is QueueFullException);
        Assert.All(calls.Where(call => call.IsFaulted), call => Assert.IsType<QueueFullException>(call.Exception!.InnerException));
        await host.StopAsync();
        Assert.Contains(_log.Entries, entry => entry is { Level: LogLevel.Warning, Id: 8 });
        Assert.DoesNotContain(_log.Entries, entry => entry.Text.Contains(Secret, StringComparison.Ordinal));
    }

    private static bool IsStopped(ReloadablePipeline<TextClassifier> pipeline)
    {
        try
        {
            pipeline.Rent().Dispose();
            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }
}
