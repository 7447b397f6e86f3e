using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SqueezeBert.Extensions;
using SqueezeBert.Server.Calls;
using SqueezeBert.Server.Models;
using SqueezeBert.Tests.Pipelines.Classifying;

namespace SqueezeBert.Server.Tests;

/// <summary>Clients that go, dawdle or lie, and models that are replaced or fail: the others do not notice.</summary>
public sealed class FaultTests
{
    private const string Classifier = "squeezebert-sequence-classification";
    private const string Path = "/models/labels/classify";
    private const string Head = $"POST {Path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";

    [Fact]
    public async Task AClientThatGoesInTheMiddleOfItsBodyIsForgotten()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        for (var i = 0; i < 20; i++)
        {
            using var client = new RawClient(server.Address);
            await client.SendAsync(Head + "Content-Length: 1000\r\n\r\n{\"text\": \"the fi");
        }

        await IsAliveAsync(server);
    }

    [Fact]
    public async Task AClientThatGoesWhileItWaitsCostsNothing()
    {
        await using var server = await RunningServer.StartAsync(
            options => (options.MaxTexts, options.MaxQueuedTokens) = (1000, int.MaxValue), [("labels", Classifier)],
            options => options.Model = options.Model with { Threads = 1, MaxConcurrency = 1 });
        var text = string.Join(' ', Enumerable.Repeat("film", 300));
        var many = $$"""{"inputs": [{{string.Join(',', Enumerable.Repeat($"\"{text}\"", 1000))}}], "long_text": "windows"}""";
        var queue = server.Service<ServedModels>().Find("labels").Queue;
        using (var client = new RawClient(server.Address))
        {
            await client.SendAsync(Head + $"Content-Length: {many.Length}\r\n\r\n{many}");
            await Wait.UntilAsync(() => Task.FromResult(queue.Requests == 1));
        }

        await Wait.UntilAsync(() => Task.FromResult(queue.Requests == 0));
        Assert.Equal(0, server.App.Services.GetRequiredKeyedService<HostedModel>("labels").Model.QueueLength);
        Assert.Contains(
            "te_request_failure{err=\"dropped\"} 1\n", server.Service<CallServices>().Metrics.ToString(), StringComparison.Ordinal);
        await IsAliveAsync(server);
    }

    [Fact]
    public async Task ABodyThatDripsIsGivenUpAndKeepsNobodyWaiting()
    {
        await using var server = await RunningServer.StartAsync(
            options => (options.BodyTimeout, options.MaxConcurrentRequests) = (TimeSpan.FromSeconds(2), 1), [("labels", Classifier)]);
        using var client = new RawClient(server.Address);
        await client.SendAsync(Head + "Content-Length: 1000\r\n\r\n{");
        var dripping = new CancellationTokenSource();
        var drips = DripAsync(client, dripping.Token);

        // It has no place among the requests that are computed, of which there is one.
        await IsAliveAsync(server);
        var answer = await client.ReadAsync();
        await dripping.CancelAsync();
        await drips;
        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("the body did not come in 2 seconds", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HeadersThatDripAreGivenUp()
    {
        await using var server = await RunningServer.StartAsync(
            options => options.BodyTimeout = TimeSpan.FromSeconds(2), [("labels", Classifier)]);
        using var client = new RawClient(server.Address);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nX-A: ");
        Assert.Matches("^(HTTP/1.1 408 |$)", await client.ReadAsync());
        await IsAliveAsync(server);
    }

    [Fact]
    public async Task AStreamThatFallsSilentIsGivenUp()
    {
        await using var server = await RunningServer.StartAsync(
            options => options.BodyTimeout = TimeSpan.FromSeconds(1), [("labels", Classifier)]);
        using var client = new RawClient(server.Address);
        await client.SendAsync(
            $"POST {Path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n" +
            "8\r\n\"film\"\n\n\r\n");
        var answer = new StringBuilder();
        for (var piece = await client.ReadAsync(); piece.Length > 0; piece = await client.ReadAsync()) answer.Append(piece);
        Assert.Contains("\"label\":", answer.ToString(), StringComparison.Ordinal);

        // The last chunk of a whole answer is missing.
        Assert.DoesNotContain("\r\n0\r\n\r\n", answer.ToString(), StringComparison.Ordinal);
        await Wait.UntilAsync(() => Task.FromResult(server.Service<CallServices>().Count == 0));
    }

    [Theory]
    [InlineData("zz\r\n")]
    [InlineData("5\r\n{\"tex")]
    [InlineData("FFFFFFFFFFFFFFFFFF\r\n")]
    public async Task BrokenChunksAreRefused(string chunk)
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        using (var client = new RawClient(server.Address))
        {
            await client.SendAsync(Head + $"Transfer-Encoding: chunked\r\n\r\n{chunk}");
            if (!chunk.StartsWith('5')) Assert.Matches("^(HTTP/1.1 400 |$)", await client.ReadAsync());
        }

        await IsAliveAsync(server);
    }

    [Fact]
    public async Task AThousandsOfSmallChunksAreABodyLikeAnother()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        using var client = new RawClient(server.Address);
        var body = $$"""{"text": "{{new string('a', 20_000)}}"}""";
        var chunks = string.Concat(body.Select(c => $"1\r\n{c}\r\n"));
        await client.SendAsync(Head + $"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFolderThatIsReplacedWhileItServesIsNoticedByNobody()
    {
        await using var server = await RunningServer.StartAsync(null, [("labels", Classifier)]);
        var hosted = server.App.Services.GetRequiredKeyedService<HostedModel>("labels");
        const string Text = """{"text": "the film was good"}""";
        var before = await server.PostAsync(Path, Text);
        using var stop = new CancellationTokenSource();
        var seen = new HashSet<string>();
        var asking = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var answer = (await server.PostAsync(Path, Text)).Is(200).ToJsonString();
                lock (seen) seen.Add(answer);
            }
        })).ToList();
        Replace(server.Folder(0), "distilbert-sequence-classification");
        Assert.True(await hosted.ReloadAsync());
        var after = await server.PostAsync(Path, Text);
        await stop.CancelAsync();
        await Task.WhenAll(asking);
        Assert.NotEqual(before.Body, after.Body);
        Assert.NotEqual(before.Headers["ETag"], after.Headers["ETag"]);
        Assert.Subset(new HashSet<string> { before.Body, after.Body }, seen);

        // One that does not fit is refused, and the old one goes on.
        File.WriteAllText(System.IO.Path.Combine(server.Folder(0), "config.json"), "{");
        await Assert.ThrowsAnyAsync<SqueezeBertException>(() => hosted.ReloadAsync());
        Assert.Equal(after.Body, (await server.PostAsync(Path, Text)).Body);
        Assert.Equal(200, (await server.GetAsync("/health")).Status);
    }

    [Fact]
    public async Task AModelThatComputesOtherBitsIsNotReady()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        Assert.Equal(200, (await server.GetAsync("/health/ready")).Status);
        var probe = server.App.Services.GetRequiredKeyedService<HostedModel>("labels").Loaded!.Probe;
        probe.Expected[3] ^= 1;
        await Wait.UntilAsync(async () => (await server.GetAsync("/health/ready")).Status == 503);
        (await server.GetAsync("/ping")).IsTei(503, "Unhealthy");
        Assert.Equal(200, (await server.GetAsync("/health/live")).Status);
        probe.Expected[3] ^= 1;
        await Wait.UntilAsync(async () => (await server.GetAsync("/health/ready")).Status == 200);
    }

    [Fact]
    public async Task APipelineThatThrowsFailsItsRequestsAlone()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier), ("other", Classifier));
        server.Break("labels", typeof(TextClassifier));
        Assert.Equal("the computation failed", (await server.PostAsync(Path, """{"text": "secretword"}""")).IsProblem(500, "failed"));
        var items = (await server.PostAsync(Path, """{"inputs": ["a", "b"]}""")).Is(200)["results"]!.AsArray();
        Assert.Equal([500, 500], items.Select(item => (int)item!["error"]!["status"]!));
        (await server.PostAsync("/models/labels/predict", """{"inputs": "a"}""")).IsTei(424, "Backend");
        (await server.PostAsync("/models/labels/features", """{"text": "a"}""")).Is(200);
        (await server.PostAsync("/models/other/classify", """{"text": "a"}""")).Is(200);
        Assert.Equal(200, (await server.GetAsync("/health")).Status);
        Assert.Equal(0, server.Service<CallServices>().Count);
        Assert.Contains(
            server.Log.Entries, entry => entry.Level == LogLevel.Error && entry.Text.Contains("NullReference", StringComparison.Ordinal));
        Assert.DoesNotContain(server.Log.Entries, entry => entry.Text.Contains("secretword", StringComparison.Ordinal));
    }

    [Fact]
    public async Task APipelineThatIsTakenAwayFailsItsRequestAlone()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        (await server.PostAsync(Path, """{"text": "a"}""")).Is(200);

        // What no input can do: the model's own pipeline is taken away under the host.
        var hosted = server.App.Services.GetRequiredKeyedService<HostedModel>("labels");
        hosted.Loaded!.Pipeline(typeof(TextClassifier)).Dispose();
        (await server.PostAsync(Path, """{"text": "a"}""")).IsProblem(503, "unavailable");
        (await server.PostAsync("/predict", """{"inputs": "a"}""")).IsTei(503, "Unhealthy");
        (await server.PostAsync("/models/labels/features", """{"text": "a"}""")).Is(200);
        Assert.Equal(0, server.Service<CallServices>().Count);
    }

    [Fact]
    public async Task AFailureIsToldInGeneralAndLoggedInDetail()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        var services = server.Service<CallServices>();
        var context = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        using var call = new Call(context, services);
        var outcomes = await call.RunAsync(3, i => i switch
        {
            0 => Task.FromResult("fine"),
            1 => throw new InvalidCastException("/a/path/of/the/machine"),
            _ => Task.FromException<string>(new OutOfMemoryException()),
        });
        Assert.Equal("fine", outcomes[0].Value);
        Assert.All(outcomes[1..], outcome => Assert.Equal("the computation failed", outcome.Error!.Message));
        Assert.Equal(2, server.Log.Entries.Count(entry => entry.Level == LogLevel.Error));
        Assert.Contains(server.Log.Entries, entry => entry.Text.Contains("/a/path/of/the/machine", StringComparison.Ordinal));
    }

    [Fact]
    public async Task EveryRequestThatWasTakenIsAnsweredWhenTheHostStops()
    {
        await using var server = await RunningServer.StartAsync(
            options => (options.MaxTexts, options.MaxQueuedTokens) = (1000, int.MaxValue), [("labels", Classifier)]);
        var text = string.Join(' ', Enumerable.Repeat("film", 100));
        var many = $$"""{"inputs": [{{string.Join(',', Enumerable.Repeat($"\"{text}\"", 200))}}], "long_text": "windows"}""";
        var queue = server.Service<ServedModels>().Find("labels").Queue;
        var taken = Enumerable.Range(0, 8).Select(_ => server.PostAsync(Path, many)).ToList();
        await Wait.UntilAsync(() => Task.FromResult(queue.Requests == 8));
        await server.App.StopAsync();
        foreach (var reply in await Task.WhenAll(taken)) Assert.Equal(200, reply.Is(200)["results"]!.AsArray().Count);
    }

    [Fact]
    public async Task AServerThatStopsSaysSoBeforeItDoes()
    {
        await using var server = await RunningServer.StartAsync(
            options => options.ShutdownDelay = TimeSpan.FromSeconds(5), [("labels", Classifier)]);
        Assert.Equal(200, (await server.GetAsync("/health")).Status);
        var stopping = server.App.StopAsync();
        await Wait.UntilAsync(async () => (await server.GetAsync("/health")).Status == 503);
        Assert.Equal(200, (await server.GetAsync("/health/live")).Status);
        (await server.PostAsync(Path, """{"text": "a"}""")).Is(200);
        await stopping;
        await Assert.ThrowsAsync<HttpRequestException>(() => server.GetAsync("/health/live"));
    }

    [Fact]
    public async Task ARequestToAServerThatStopsIsRefused()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        server.Service<Microsoft.Extensions.Hosting.IHostApplicationLifetime>().StopApplication();
        (await server.PostAsync(Path, """{"text": "a"}""")).IsProblem(503, "unavailable");
        (await server.PostAsync("/embed", """{"inputs": "a"}""")).IsTei(503, "Unhealthy");
        (await server.GetAsync("/health")).IsTei(503, "Unhealthy");
    }

    [Fact]
    public async Task HealthAndMetricsHaveAPortOfTheirOwn()
    {
        var port = FreePort();
        await using var server = await RunningServer.StartAsync(
            options => (options.ManagementPort, options.AreMetricsPublic) = (port, true), [("labels", Classifier)], null,
            services => services.Configure<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions>(kestrel =>
            {
                kestrel.Listen(System.Net.IPAddress.Loopback, 0);
                kestrel.Listen(System.Net.IPAddress.Loopback, port);
            }));
        foreach (var path in (string[])["/health", "/health/live", "/metrics"])
        {
            // A host's name is no port.
            Assert.Equal(404, (await server.GetAsync(path, ("Host", $"127.0.0.1:{port}"))).Status);
            using var client = new HttpClient();
            using var response = await client.GetAsync($"http://127.0.0.1:{port}{path}");
            Assert.Equal(200, (int)response.StatusCode);
        }

        using var other = new HttpClient();
        using var info = await other.GetAsync($"http://127.0.0.1:{port}/info");
        Assert.Equal(404, (int)info.StatusCode);
        Assert.Equal(200, (await server.GetAsync("/info")).Status);
    }

    private static async Task IsAliveAsync(RunningServer server)
    {
        (await server.PostAsync(Path, """{"text": "the film"}""")).Is(200);
        await Wait.UntilAsync(() => Task.FromResult(server.Service<CallServices>().Count == 0));
    }

    private static async Task DripAsync(RawClient client, CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                await client.SendAsync(" ");
                await Task.Delay(50, CancellationToken.None);
            }
        }
        catch (IOException)
        {
            // The server has hung up.
        }
    }

    private static void Replace(string folder, string model)
    {
        using var other = new ClassifierFolder(model);
        foreach (var name in (string[])["config.json", "model.safetensors"])
        {
            var target = System.IO.Path.Combine(folder, name);
            File.Copy(System.IO.Path.Combine(other.Path, name), target + ".new");
            File.Move(target + ".new", target, overwrite: true);
        }
    }

    private static int FreePort()
    {
        using var probe = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        probe.Start();
        return ((System.Net.IPEndPoint)probe.LocalEndpoint).Port;
    }
}
