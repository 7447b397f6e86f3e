using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SqueezeBert.Extensions;
using SqueezeBert.Server.Hosting;
using SqueezeBert.Tests.Pipelines.Classifying;

namespace SqueezeBert.Server.Tests;

/// <summary>Models that load in the background do so in their order, and each answers as soon as it is there.</summary>
public sealed class StartTests
{
    private const string Ask = """{"text": "the film"}""";

    [Fact]
    public async Task AServerThatIsEndedBeforeItHasStartedSaysNothing()
    {
        using var folder = new ClassifierFolder();
        var settings = new ServerSettings { Models = [("labels", folder.Path)], Urls = "http://127.0.0.1:0" };
        var output = new StringWriter();
        await ServerProgram.RunAsync(settings, output, new CancellationToken(canceled: true));
        Assert.Equal("", output.ToString());
    }

    [Fact]
    public async Task AModelThatLoadsSlowlyDelaysNoEarlierOne()
    {
        using var models = new SlowStart();
        await using var server = await models.StartAsync();
        await Wait.UntilAsync(async () => (await server.PostAsync("/models/first/classify", Ask)).Status == 200);
        await models.IsLoadingSecondAsync();

        // Its own routes answer, and those without a name for which it is the model; the others wait for the model that is theirs.
        (await server.PostAsync("/predict", """{"inputs": "the film"}""")).Is(200);
        (await server.PostAsync("/invocations", """{"inputs": "the film"}""")).Is(200);
        (await server.PostAsync("/vertex", """{"instances": [{"inputs": "the film"}]}""")).Is(200);
        (await server.GetAsync("/info")).Is(200);
        foreach (var (path, body) in ((string, string)[])
            [("/embed", """{"inputs": "a"}"""), ("/rerank", """{"query": "a", "texts": ["b"]}"""),
                ("/models/third/rerank", """{"query": "a", "texts": ["b"]}"""),
                ("/vertex", """{"instances": [{"inputs": "a"}, {"query": "a", "texts": ["b"]}]}""")])
        {
            var reply = await server.PostAsync(path, body);
            reply.IsTei(503, "Unhealthy");
            Assert.Equal("1", reply.Headers["Retry-After"]);
        }

        (await server.PostAsync("/models/second/features", Ask)).IsProblem(503, "unavailable");
        (await server.PostAsync("/v1/embeddings", """{"input": "a"}""")).Is(503);

        // The third one has not begun.
        Assert.Equal(SlowStart.AskedByStart, models.ThirdAsked);
        foreach (var path in (string[])["/health", "/health/ready", "/ping"])
        {
            var reply = await server.GetAsync(path);
            Assert.Equal("unhealthy: not loaded: second, third; loaded: first", reply.IsTei(503, "Unhealthy"));
            Assert.Equal("1", reply.Headers["Retry-After"]);
        }

        Assert.Equal(200, (await server.GetAsync("/health/live")).Status);
        models.Open();
        await Wait.UntilAsync(async () => (await server.GetAsync("/health")).Status == 200);
        (await server.PostAsync("/models/second/features", Ask)).Is(200);
        (await server.PostAsync("/embed", """{"inputs": "a"}""")).Is(200);
        (await server.PostAsync("/rerank", """{"query": "a", "texts": ["b"]}""")).Is(200);
    }

    [Fact]
    public async Task AModelThatCannotBeLoadedStopsTheHostBeforeTheNextOneLoads()
    {
        using var models = new SlowStart();
        models.BreakSecond();
        models.Open();
        await using var server = await models.StartAsync();
        var lifetime = server.Service<IHostApplicationLifetime>();
        await Wait.UntilAsync(() => Task.FromResult(lifetime.ApplicationStopping.IsCancellationRequested));
        Assert.NotNull(server.App.Services.GetRequiredKeyedService<HostedModel>("second").Failure);
        Assert.Null(server.App.Services.GetRequiredKeyedService<HostedModel>("first").Failure);
        await server.App.StopAsync(TestContext.Current.CancellationToken);
        Assert.Null(server.App.Services.GetRequiredKeyedService<HostedModel>("third").Failure);
        Assert.Equal(SlowStart.AskedByStart, models.ThirdAsked);
    }

    /// <summary>The model that is being loaded is let go when it is there; it is no failure.</summary>
    [Fact]
    public async Task AHostThatStopsDoesNotWaitForAModelThatLoads()
    {
        using var models = new SlowStart();
        await using var server = await models.StartAsync();
        await models.IsLoadingSecondAsync();
        await server.App.StopAsync(TestContext.Current.CancellationToken).WaitAsync(
            TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.False(models.IsOpen);
        models.Open();
        var second = server.App.Services.GetRequiredKeyedService<HostedModel>("second");
        await Wait.UntilAsync(() => Task.FromResult(models.SecondIsRead));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => second.LoadAsync(TestContext.Current.CancellationToken));
        Assert.Null(second.Failure);
        Assert.Null(server.App.Services.GetRequiredKeyedService<HostedModel>("third").Failure);
        Assert.Equal(SlowStart.AskedByStart, models.ThirdAsked);
    }

    /// <summary>A classifier, an encoder that is not loaded before it is let, and a reranker.</summary>
    private sealed class SlowStart : IDisposable
    {
        /// <summary>The host's start asks for the options twice, and then the loading asks on a thread of its own.</summary>
        public const int AskedByStart = 2;

        private readonly ManualResetEventSlim _gate = new();
        private readonly ClassifierFolder _first = new("squeezebert-sequence-classification");
        private readonly ClassifierFolder _second = new("squeezebert-encoder");
        private readonly ClassifierFolder _third = new("squeezebert-regression");
        private int _secondAsked;
        private int _thirdAsked;
        private int _secondRead;

        public int ThirdAsked => Volatile.Read(ref _thirdAsked);

        public bool IsOpen => _gate.IsSet;

        public bool SecondIsRead => Volatile.Read(ref _secondRead) > 0;

        public Task<RunningServer> StartAsync() => RunningServer.StartAsync(null, [], null, services => services
            .AddKeyedSqueezeBert("first", options => (options.ModelPath, options.LoadInBackground) = (_first.Path, true))
            .AddKeyedSqueezeBert("second", options =>
            {
                (options.ModelPath, options.LoadInBackground) = (_second.Path, true);
                if (Interlocked.Increment(ref _secondAsked) <= AskedByStart) return;
                _gate.Wait(TimeSpan.FromMinutes(5));
                Interlocked.Increment(ref _secondRead);
            })
            .AddKeyedSqueezeBert("third", options =>
            {
                (options.ModelPath, options.LoadInBackground) = (_third.Path, true);
                Interlocked.Increment(ref _thirdAsked);
            }));

        public Task IsLoadingSecondAsync() =>
            Wait.UntilAsync(() => Task.FromResult(Volatile.Read(ref _secondAsked) > AskedByStart));

        public void Open() => _gate.Set();

        public void BreakSecond() => File.WriteAllText(Path.Combine(_second.Path, "config.json"), "{");

        public void Dispose()
        {
            _gate.Set();
            _gate.Dispose();
            _first.Dispose();
            _second.Dispose();
            _third.Dispose();
        }
    }
}
