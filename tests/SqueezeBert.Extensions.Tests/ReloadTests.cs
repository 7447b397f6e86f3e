using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Extensions.Tests;

/// <summary>A model is replaced while it serves.</summary>
public sealed class ReloadTests
{
    private readonly LogRecorder _log = new();

    [Fact]
    public async Task UnderLoadNoCallFailsAndEachHasTheBitsOfOneModel()
    {
        using var folder = new ServedFolder();
        using var host = TestHost.Build(_log, services => services.AddSqueezeBert(folder.Path));
        await host.StartAsync();
        var model = host.Services.GetRequiredService<HostedModel>();
        var pipeline = host.Services.GetRequiredService<ReloadablePipeline<TextClassifier>>();
        var expected = new ConcurrentDictionary<string, float[]>();
        expected[model.Model.Fingerprint] = ServedFolder.Scores(ServedFolder.Squeeze);
        var isDone = false;
        var answers = new ConcurrentBag<(string Fingerprint, float[] Scores)>();
        var callers = Enumerable.Range(0, 6).Select(caller => Task.Run(async () =>
        {
            while (!Volatile.Read(ref isDone))
            {
                using var lease = pipeline.Rent();
                var answer = caller % 2 == 0
                    ? lease.Pipeline.Classify(ServedFolder.Text)
                    : await lease.Pipeline.ClassifyAsync(ServedFolder.Text);
                answers.Add((lease.Fingerprint, ServedFolder.Scores(answer)));
                await Task.Delay(2);
                answers.Add((lease.Fingerprint, ServedFolder.Scores(lease.Pipeline.Classify(ServedFolder.Text))));
                Assert.NotNull(await pipeline.RunAsync(classifier => classifier.ClassifyAsync("a good film")));
                Assert.NotNull(pipeline.Run(classifier => classifier.Classify("a bad film")));
            }
        })).ToList();
        for (var i = 0; i < 8; i++)
        {
            var next = i % 2 == 0 ? ServedFolder.Distil : ServedFolder.Squeeze;
            folder.Replace(next);
            Assert.True(await model.ReloadAsync());
            expected[model.Model.Fingerprint] = ServedFolder.Scores(next);
            await Task.Delay(20);
        }

        Volatile.Write(ref isDone, true);
        await Task.WhenAll(callers);
        Assert.Equal(2, expected.Count);
        Assert.Equal(2, answers.Select(answer => answer.Fingerprint).Distinct().Count());
        Assert.All(answers, answer => Assert.Equal(expected[answer.Fingerprint], answer.Scores));
        await TestHost.UntilAsync(() => model.OldCount == 0);
        await host.StopAsync();
    }

    [Fact]
    public async Task TheOldModelStaysForThoseWhoHoldIt()
    {
        using var folder = new ServedFolder();
        await using var provider = new ServiceCollection().AddSqueezeBert(folder.Path).BuildServiceProvider();
        var model = provider.GetRequiredService<HostedModel>();
        var pipeline = provider.GetRequiredService<ReloadablePipeline<TextClassifier>>();
        var lease = pipeline.Rent();
        var old = lease.Pipeline.Model;
        folder.Replace(ServedFolder.Distil);
        Assert.True(await model.ReloadAsync());
        Assert.NotSame(old, model.Model);
        Assert.Equal(ServedFolder.Scores(ServedFolder.Squeeze), ServedFolder.Scores(lease.Pipeline.Classify(ServedFolder.Text)));
        Assert.Equal(ServedFolder.Scores(ServedFolder.Distil), ServedFolder.Scores(pipeline.Run(one => one.Classify(ServedFolder.Text))));
        Assert.Equal(1, model.OldCount);
        lease.Dispose();
        lease.Dispose();
        await TestHost.UntilAsync(() => model.OldCount == 0);
        Assert.Throws<ObjectDisposedException>(() => old.CreateSession(old.OutputNames[0]));
    }

    [Fact]
    public async Task AnInjectedPipelineKeepsItsModelAndThatIsSaid()
    {
        using var folder = new ServedFolder();
        using var host = TestHost.Build(_log, services => services.AddSqueezeBert(folder.Path));
        await host.StartAsync();
        var classifier = host.Services.GetRequiredService<TextClassifier>();
        folder.Replace(ServedFolder.Distil);
        Assert.True(await host.Services.GetRequiredService<HostedModel>().ReloadAsync());
        Assert.Equal(ServedFolder.Scores(ServedFolder.Squeeze), ServedFolder.Scores(classifier.Classify(ServedFolder.Text)));
        Assert.Contains(_log.Entries, entry => entry is { Level: LogLevel.Warning, Id: 6 });
        await host.StopAsync();
        Assert.Throws<ObjectDisposedException>(() => classifier.Classify("a"));
    }

    [Fact]
    public async Task WhatIsTheSameIsNotReplaced()
    {
        using var folder = new ServedFolder();
        using var host = TestHost.Build(_log, services => services.AddSqueezeBert(folder.Path));
        await host.StartAsync();
        var model = host.Services.GetRequiredService<HostedModel>();
        var before = model.Model;
        File.SetLastWriteTimeUtc(Path.Combine(folder.Path, "config.json"), DateTime.UtcNow.AddHours(1));
        Assert.False(await model.ReloadAsync());
        Assert.Same(before, model.Model);
        await host.StopAsync();
    }

    [Fact]
    public async Task ABrokenFolderKeepsTheOldModel()
    {
        using var folder = new ServedFolder();
        using var host = TestHost.Build(_log, services => services.AddSqueezeBert(folder.Path));
        await host.StartAsync();
        var model = host.Services.GetRequiredService<HostedModel>();
        folder.Break();
        var error = await Assert.ThrowsAsync<InvalidModelFileException>(() => model.ReloadAsync());
        Assert.Contains(_log.Entries, entry => entry is { Level: LogLevel.Error, Id: 5 } && entry.Text.Contains(error.Message));
        var classifier = host.Services.GetRequiredService<ReloadablePipeline<TextClassifier>>();
        var answer = classifier.Run(one => one.Classify(ServedFolder.Text));
        Assert.Equal(ServedFolder.Scores(ServedFolder.Squeeze), ServedFolder.Scores(answer));
        await host.StopAsync();
    }

    [Fact]
    public async Task AModelThatDoesNotFitThePipelinesInUseIsRefused()
    {
        using var folder = new ServedFolder();
        using var host = TestHost.Build(_log, services => services.AddSqueezeBert(folder.Path));
        await host.StartAsync();
        var model = host.Services.GetRequiredService<HostedModel>();
        var pipeline = host.Services.GetRequiredService<ReloadablePipeline<TextClassifier>>();
        var scores = ServedFolder.Scores(pipeline.Run(one => one.Classify(ServedFolder.Text)));
        folder.Replace("squeezebert-encoder");
        await Assert.ThrowsAsync<UnsupportedModelException>(() => model.ReloadAsync());
        Assert.Equal(scores, ServedFolder.Scores(pipeline.Run(one => one.Classify(ServedFolder.Text))));
        await host.StopAsync();
    }

    [Fact]
    public async Task AWatchedFolderIsLoadedWhenItHasSettled()
    {
        using var folder = new ServedFolder();
        var time = new FakeTimeProvider();
        using var host = TestHost.Build(_log, services => services.AddSingleton<TimeProvider>(time)
            .AddSqueezeBert(options => (options.ModelPath, options.ReloadOnChange) = (folder.Path, true)));
        await host.StartAsync();
        var model = host.Services.GetRequiredService<HostedModel>();
        var first = model.Model.Fingerprint;
        Action tick = () => time.Advance(TimeSpan.FromSeconds(5));

        folder.Break();
        await TestHost.UntilAsync(() => _log.Entries.Any(entry => entry.Id == 5), tick);
        for (var i = 0; i < 20; i++)
        {
            tick();
            await Task.Delay(5);
        }

        Assert.Single(_log.Entries, entry => entry.Id == 5);
        Assert.Equal(first, model.Model.Fingerprint);

        folder.Replace(ServedFolder.Distil);
        await TestHost.UntilAsync(() => _log.Entries.Any(entry => entry.Id == 3), tick);
        Assert.NotEqual(first, model.Model.Fingerprint);
        var classifier = host.Services.GetRequiredService<ReloadablePipeline<TextClassifier>>();
        Assert.Equal(ServedFolder.Scores(ServedFolder.Distil), ServedFolder.Scores(classifier.Run(one => one.Classify(ServedFolder.Text))));
        await host.StopAsync();
    }

    [Fact]
    public async Task AnotherPathInTheConfigurationIsLoaded()
    {
        using var first = new ServedFolder(ServedFolder.Squeeze);
        using var second = new ServedFolder(ServedFolder.Distil);
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["ModelPath"] = first.Path }).Build();
        using var host = TestHost.Build(_log, services => services.AddSqueezeBert(configuration));
        await host.StartAsync();
        var model = host.Services.GetRequiredService<HostedModel>();
        var before = model.Model;
        configuration["ModelPath"] = second.Path + "x";
        await Assert.ThrowsAsync<OptionsValidationException>(() => model.ReloadAsync());
        Assert.Same(before, model.Model);
        configuration["ModelPath"] = second.Path;
        Assert.True(await model.ReloadAsync());
        Assert.Equal("distilbert", model.Model.Configuration.ModelType);
        await host.StopAsync();
    }
}
