using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SqueezeBert.Extensions;
using SqueezeBert.Server.Calls;
using SqueezeBert.Server.Models;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Tests;

/// <summary>What is too much is refused, with the limit's name, and costs nothing.</summary>
public sealed class LimitTests
{
    private const string Classifier = "squeezebert-sequence-classification";
    private const string Path = "/models/labels/classify";

    [Fact]
    public async Task ABodyIsLimitedWhetherItSaysItsLengthOrNot()
    {
        await using var server = await RunningServer.StartAsync(options => options.MaxBodyBytes = 1000, [("labels", Classifier)]);
        var large = $$"""{"text": "{{new string('a', 1000)}}"}""";
        var error = (await server.PostAsync(Path, large)).IsProblem(413, "too_large");
        Assert.Contains("1000 bytes that are taken (MaxBodyBytes)", error, StringComparison.Ordinal);
        using var chunked = new StreamContent(new NoLength(Encoding.UTF8.GetBytes(large)));
        chunked.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        (await server.PostAsync(Path, chunked)).IsProblem(413, "too_large");
        (await server.PostAsync("/embed", large)).IsTei(413, "Validation");
        (await server.PostAsync(Path, """{"text": "a"}""")).Is(200);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task ACompressedBodyIsUnpackedUpToItsLimit(string encoding)
    {
        await using var server = await RunningServer.StartAsync(
            options => (options.MaxBodyBytes, options.MaxDecompressedBytes) = (50_000, 100_000), [("labels", Classifier)]);
        (await server.PostAsync(Path, Packed("""{"text": "the film"}""", encoding))).Is(200);

        // Ten megabytes in a few thousand bytes.
        var bomb = Packed($$"""{"text": "{{new string('a', 10_000_000)}}"}""", encoding);
        Assert.True((await bomb.ReadAsByteArrayAsync()).Length < 50_000);
        var error = (await server.PostAsync(Path, bomb)).IsProblem(413, "too_large");
        Assert.Contains("100000 bytes that are taken (MaxDecompressedBytes)", error, StringComparison.Ordinal);
        var broken = new ByteArrayContent([1, 2, 3, 4]);
        broken.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        broken.Headers.ContentEncoding.Add(encoding);
        (await server.PostAsync(Path, broken)).IsProblem(400, "malformed");
    }

    [Fact]
    public async Task OtherKindsOfBodiesAreRefused()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        (await server.PostAsync(Path, new StringContent("""{"text": "a"}""", Encoding.UTF8, "text/plain"))).IsProblem(415, "media_type");
        (await server.PostAsync(Path, new ByteArrayContent("""{"text": "a"}"""u8.ToArray()))).IsProblem(415, "media_type");
        var packed = Packed("""{"text": "a"}""", "gzip");
        packed.Headers.ContentEncoding.Clear();
        packed.Headers.ContentEncoding.Add("zstd");
        (await server.PostAsync(Path, packed)).IsProblem(415, "media_type");
        (await server.PostAsync(Path, "\uFEFF{\"text\": \"a\"}")).Is(200);
        foreach (var body in (string[])["", "{", "{}}", "nul", "{\"text\": \"a\", \"text\": \"b\"}", "{\"text\": \"\u0001\"}"])
            (await server.PostAsync(Path, body)).IsProblem(400, "malformed");
        var invalid = new ByteArrayContent([.. "{\"text\": \""u8, 0xFF, 0xFE, .. "\"}"u8]);
        invalid.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        Assert.InRange((await server.PostAsync(Path, invalid)).Status, 400, 422);
        Assert.InRange((await server.PostAsync(Path, """{"\ud800": "a"}""")).Status, 400, 422);
    }

    [Fact]
    public async Task JsonIsOnlySoDeep()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        foreach (var depth in (int[])[17, 100_000])
        {
            var error = (await server.PostAsync(
                Path, $$"""{"text": {{new string('[', depth)}}{{new string(']', depth)}}}""")).IsProblem(400, "malformed");
            Assert.Contains("at most 16 levels", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AHundredThousandItemsAreRefusedAtOnce()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        var items = string.Join(',', Enumerable.Repeat("\"a\"", 100_000));
        (await server.PostAsync("/embed", $$"""{"inputs": [{{items}}]}""")).IsTei(413, "Validation");
        (await server.PostAsync(Path, $$"""{"inputs": [{{items}}]}""")).IsProblem(413, "too_large");
        (await server.PostAsync("/predict", $$"""{"inputs": [{{items}}]}""")).IsTei(422, "Validation");
        var ids = string.Join(',', Enumerable.Repeat("[5]", 100_000));
        (await server.PostAsync("/decode", $$"""{"ids": [{{ids}}]}""")).IsTei(413, "Validation");
        (await server.PostAsync("/models/labels/zero-shot", $$"""{"text": "a", "entailment": "LABEL_1", "labels": [{{items}}]}"""))
            .IsProblem(413, "too_large");
        Assert.Equal(0, server.Service<CallServices>().Count);
    }

    [Fact]
    public async Task ATextIsOnlySoLong()
    {
        await using var server = await RunningServer.StartAsync(options => options.MaxCharacters = 10, [("labels", Classifier)]);
        (await server.PostAsync(Path, """{"text": "0123456789"}""")).Is(200);
        (await server.PostAsync(Path, """{"text": "01234567890"}""")).IsProblem(413, "too_large");
        (await server.PostAsync("/embed", """{"inputs": ["a", "01234567890"]}""")).IsTei(413, "Validation");
        (await server.PostAsync("/rerank", """{"query": "a", "texts": ["a", "01234567890"]}""")).IsTei(413, "Validation");
    }

    [Fact]
    public async Task NoMoreRequestsThanMayBeAreComputed()
    {
        await using var server = await RunningServer.StartAsync(options => options.MaxConcurrentRequests = 2, [("labels", Classifier)]);
        var services = server.Service<CallServices>();
        services.Enter();
        (await server.PostAsync(Path, """{"text": "a"}""")).Is(200);
        services.Enter();
        var reply = await server.PostAsync(Path, """{"text": "a"}""");
        reply.IsProblem(429, "overloaded");
        Assert.Equal("1", reply.Headers["Retry-After"]);
        Assert.Equal("Model is overloaded", (await server.PostAsync("/predict", """{"inputs": "a"}""")).IsTei(429, "Overloaded"));
        var error = (await server.PostAsync("/v1/embeddings", """{"input": "a"}""")).Is(429);
        Assert.Equal("rate_limit_error", (string)error["error"]!["type"]!);
        Assert.Equal(429, (int)error["code"]!);

        // Who is there may still ask how it is.
        Assert.Equal(200, (await server.GetAsync("/health")).Status);
        services.Leave();
        (await server.PostAsync(Path, """{"text": "a"}""")).Is(200);
        services.Leave();
        Assert.Equal(0, services.Count);
    }

    /// <summary>The tokenizer takes time too, and nothing is decoded for a request that is refused.</summary>
    [Fact]
    public async Task TheTokenizersQueueHoldsOnlySoMuch()
    {
        await using var server = await RunningServer.StartAsync(options => options.MaxQueuedTokens = 100, [("labels", Classifier)]);
        var (queue, ids) = (server.Service<ServedModels>().Find("labels").Tokenizing, string.Join(',', Enumerable.Repeat("64", 120)));
        (string Path, string Body)[] requests =
        [
            ("/decode", $$"""{"ids": [{{ids}}]}"""), ("/decode", $$"""{"ids": [[5], [{{ids}}]]}"""),
            ("/tokenize", $$"""{"inputs": "{{new string('a', 480)}}"}"""),
        ];
        foreach (var (path, body) in requests) (await server.PostAsync(path, body)).Is(200);
        queue.Enter(5);
        foreach (var (path, body) in requests) (await server.PostAsync(path, body)).IsTei(429, "Overloaded");
        (await server.PostAsync("/decode", """{"ids": [5]}""")).Is(200);
        queue.Leave(5, hasAnswer: false);
        Assert.Equal((0, 0), (queue.Requests, queue.Tokens));

        // Ids that are of no text are not looked at before the request is admitted.
        queue = server.Service<ServedModels>().Find("labels").Queue;
        var wrong = $$"""{"inputs": [{{string.Join(',', Enumerable.Repeat("36", 40))}}]}""";
        queue.Enter(95);
        (await server.PostAsync("/embed", wrong)).IsTei(429, "Overloaded");
        queue.Leave(95, hasAnswer: false);
        (await server.PostAsync("/embed", wrong)).IsTei(422, "Validation");
    }

    [Fact]
    public async Task AModelsQueueHoldsOnlySoMuch()
    {
        await using var server = await RunningServer.StartAsync(options => options.MaxQueuedTokens = 100, [("labels", Classifier)]);
        var queue = server.Service<ServedModels>().Find("labels").Queue;

        // One request is taken whatever it costs, as long as there is no other.
        var many = $$"""{"inputs": [{{string.Join(',', Enumerable.Repeat("\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", 20))}}]}""";
        (await server.PostAsync(Path, many)).Is(200);
        queue.Enter(95);
        (await server.PostAsync(Path, """{"text": "a"}""")).Is(200);
        (await server.PostAsync(Path, many)).IsProblem(429, "overloaded");
        queue.Leave(95, hasAnswer: false);
        Assert.Equal((0, 0), (queue.Requests, queue.Tokens));
    }

    [Fact]
    public void ARequestThatWouldWaitTooLongIsRefused()
    {
        var time = new ManualTime();
        var queue = new ModelQueue(new SqueezeBertServerOptions { MaxQueueTime = TimeSpan.FromSeconds(2) }, time);

        // A thousand tokens a second, as is learned.
        queue.Enter(4000);
        time.Advance(TimeSpan.FromSeconds(4));
        queue.Leave(4000, hasAnswer: true);
        time.Advance(TimeSpan.FromHours(1));
        queue.Enter(1999);
        queue.Enter(1001);
        var error = Assert.Throws<RequestException>(() => queue.Enter(1));
        Assert.Equal((Fault.Overloaded, 2), (error.Fault, error.RetryAfter));
        time.Advance(TimeSpan.FromSeconds(2));
        queue.Leave(1999, hasAnswer: true);
        queue.Enter(1);
    }

    /// <summary>What has no tokens is no work, however long it is there.</summary>
    [Fact]
    public void TimeWithoutTokensIsNotCountedAsTimeOfWork()
    {
        var time = new ManualTime();
        var queue = new ModelQueue(new SqueezeBertServerOptions { MaxQueueTime = TimeSpan.FromSeconds(2) }, time);
        queue.Enter(4000);
        time.Advance(TimeSpan.FromSeconds(4));
        queue.Leave(4000, hasAnswer: true);
        queue.Enter(0);
        time.Advance(TimeSpan.FromHours(1));
        queue.Enter(1999);
        queue.Enter(1001);
        Assert.Equal(2, Assert.Throws<RequestException>(() => queue.Enter(1)).RetryAfter);
        queue.Leave(0, hasAnswer: false);
    }

    /// <summary>A model that fails fast is not taken for a fast one.</summary>
    [Fact]
    public async Task WhatFailedIsNoWorkDone()
    {
        var time = new ManualTime();
        await using var server = await RunningServer.StartAsync(
            options => options.MaxQueueTime = TimeSpan.FromSeconds(3), [("labels", Classifier)],
            services: services => services.AddSingleton<TimeProvider>(time));
        var queue = server.Service<ServedModels>().Find("labels").Queue;
        queue.Enter(4000);
        time.Advance(TimeSpan.FromSeconds(4));
        queue.Leave(4000, hasAnswer: true);
        server.Break("labels", typeof(TextClassifier));
        var text = new string('a', 16_000);
        (await server.PostAsync(Path, $$"""{"text": "{{text}}", "long_text": "windows"}""")).IsProblem(500, "failed");
        var many = (await server.PostAsync(Path, $$"""{"inputs": ["{{text}}"], "long_text": "windows"}""")).Is(200);
        Assert.Equal("failed", (string)many["results"]![0]!["error"]!["code"]!);
        queue.Enter(3500);
        Assert.Throws<RequestException>(() => queue.Enter(1));
        queue.Leave(3500, hasAnswer: false);
    }

    [Fact]
    public void TheFirstTextsOfAProcessSayNothingOfTheOthers()
    {
        var time = new ManualTime();
        var queue = new ModelQueue(new SqueezeBertServerOptions { MaxQueueTime = TimeSpan.FromSeconds(2) }, time);
        queue.Enter(4);
        time.Advance(TimeSpan.FromMinutes(1));
        queue.Leave(4, hasAnswer: true);
        queue.Enter(1000);
        queue.Enter(1000);
        Assert.Equal((2, 2000), (queue.Requests, queue.Tokens));
    }

    [Fact]
    public async Task ARequestThatTakesTooLongIsGivenUp()
    {
        await using var server = await RunningServer.StartAsync(
            options => options.RequestTimeout = TimeSpan.FromMilliseconds(1), [("labels", Classifier)]);
        var text = string.Join(' ', Enumerable.Repeat("the film was very good", 2000));
        var reply = await server.PostAsync(
            Path, $$"""{"inputs": [{{string.Join(',', Enumerable.Repeat($"\"{text}\"", 20))}}], "long_text": "windows"}""");
        reply.IsProblem(503, "unavailable");
        Assert.Equal("1", reply.Headers["Retry-After"]);
        Assert.Equal(0, server.Service<CallServices>().Count);
    }

    [Fact]
    public async Task AModelThatIsStillLoadedIsNotReady()
    {
        // The options are asked for twice by the host's start, and then by the loading, on a thread of its own.
        using var gate = new ManualResetEventSlim();
        var asked = 0;
        await using var server = await RunningServer.StartAsync(null, [("labels", Classifier)], options =>
        {
            options.LoadInBackground = true;
            if (Interlocked.Increment(ref asked) == 3) gate.Wait(TimeSpan.FromMinutes(1));
        });
        Assert.Equal(200, (await server.GetAsync("/health/live")).Status);
        (await server.GetAsync("/health/ready")).IsTei(503, "Unhealthy");
        (await server.GetAsync("/health")).IsTei(503, "Unhealthy");
        var reply = await server.PostAsync(Path, """{"text": "a"}""");
        reply.IsProblem(503, "unavailable");
        Assert.Equal("1", reply.Headers["Retry-After"]);
        (await server.PostAsync("/embed", """{"inputs": "a"}""")).IsTei(503, "Unhealthy");
        gate.Set();
        await Wait.UntilAsync(async () => (await server.GetAsync("/health")).Status == 200);
        (await server.PostAsync(Path, """{"text": "a"}""")).Is(200);
    }

    [Fact]
    public async Task AModelThatCannotBeLoadedInTheBackgroundStopsTheHost()
    {
        await using var server = await RunningServer.StartAsync(null, [("labels", Classifier)], options =>
        {
            options.LoadInBackground = true;
            File.WriteAllText(System.IO.Path.Combine(options.ModelPath!, "config.json"), "{");
        });
        var lifetime = server.Service<IHostApplicationLifetime>();
        await Wait.UntilAsync(() => Task.FromResult(lifetime.ApplicationStopping.IsCancellationRequested));
        Assert.NotNull(server.App.Services.GetRequiredKeyedService<HostedModel>("labels").Failure);
    }

    [Fact]
    public async Task MetricsCountWhatHappened()
    {
        await using var server = await RunningServer.StartAsync(options => options.AreMetricsPublic = true, [("labels", Classifier)]);
        (await server.PostAsync("/predict", """{"inputs": "the film"}""")).Is(200);
        (await server.PostAsync("/predict", """{"inputs": [["a"], ["b"]]}""")).Is(200);
        (await server.PostAsync("/predict", """{"inputs": 3}""")).IsTei(422, "Validation");
        var reply = await server.GetAsync("/metrics");
        Assert.Equal("text/plain", reply.Type);
        foreach (var line in (string[])["te_request_count{method=\"single\"} 1", "te_request_count{method=\"batch\"} 1",
            "te_request_success{method=\"single\"} 1", "te_request_failure{err=\"invalid\"} 1", "te_request_duration_count 2",
            "te_request_duration_bucket{le=\"+Inf\"} 2", "te_queue_size{model=\"labels\"} 0", "# TYPE squeezebert_tokens_total counter",
            "# TYPE squeezebert_queue_duration_seconds histogram", "# TYPE squeezebert_memory_weights_bytes gauge",
            "# TYPE te_batch_next_tokens histogram", "# TYPE te_request_queue_duration histogram", "te_request_input_length_count 3",
            "te_request_input_length_bucket{le=\"2\"} 0", "te_request_input_length_bucket{le=\"4\"} 3",
            "# TYPE dotnet_gc_last_collection_memory_committed_size_bytes gauge", "# TYPE dotnet_gc_collections_total counter"])
            Assert.Contains(line + "\n", reply.Body, StringComparison.Ordinal);

        // Other tests of this process are told too.
        foreach (var name in (string[])["te_batch_next_size", "te_batch_next_tokens", "te_request_tokenization_duration",
            "te_request_queue_duration", "te_request_inference_duration"])
            Assert.Matches(name + "_count [1-9]", reply.Body);
        Assert.All(reply.Body.TrimEnd('\n').Split('\n'), line => Assert.Matches(
            @"^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+=""[^""]*""(,[a-z_]+=""[^""]*"")*\})? [0-9.eE+-]+)$", line));
    }

    [Fact]
    public async Task NoTextIsLogged()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        (await server.PostAsync(Path, """{"text": "secretword"}""")).Is(200);
        (await server.PostAsync("/predict", """{"inputs": ["secretword", 1]}""")).IsTei(422, "Validation");
        (await server.PostAsync("/models/secretword/classify", """{"text": "a"}""")).IsProblem(404, "not_found");
        (await server.PostAsync(Path, """{"secretword": "a"}""")).IsProblem(422, "invalid");
        Assert.NotEmpty(server.Log.Entries);
        Assert.DoesNotContain(server.Log.Entries, entry => entry.Text.Contains("secretword", StringComparison.Ordinal));
    }

    [Fact]
    public void OptionsThatMakeNoSenseAreNamed()
    {
        foreach (var (change, name) in new (Action<SqueezeBertServerOptions>, string)[]
        {
            (options => options.MaxBodyBytes = 0, "MaxBodyBytes"), (options => options.MaxNumbers = 0, "MaxNumbers"),
            (options => options.MaxEmbeddingTexts = 0, "MaxEmbeddingTexts"), (options => options.MaxJsonDepth = 2, "MaxJsonDepth"),
            (options => options.MaxQueueTime = TimeSpan.Zero, "MaxQueueTime"), (options => options.ManagementPort = 0, "ManagementPort"),
            (options => options.Shares = new Dictionary<string, double> { ["labels"] = 0 }, "Shares"),
            (options => options.ApiKeys = ["a b"], "ApiKeys"), (options => options.ShutdownDelay = TimeSpan.FromDays(1), "ShutdownDelay"),
        })
        {
            var options = new SqueezeBertServerOptions();
            change(options);
            Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(options.Validate).ParamName);
        }

        new SqueezeBertServerOptions().Validate();
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData(".")]
    [InlineData("..")]
    public async Task AModelsNameIsNoPath(string name)
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => RunningServer.StartAsync((name, Classifier)));
        Assert.Contains("is no name", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/models/../../etc/passwd/classify")]
    [InlineData("/models/..%2f..%2fetc%2fpasswd/classify")]
    [InlineData("/models/%2e%2e/classify")]
    [InlineData("/models/labels%00/classify")]
    public async Task APathInAModelsNameFindsNothing(string path)
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        using var socket = new RawClient(server.Address);
        var body = """{"text": "a"}""";
        await socket.SendAsync(
            $"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        Assert.Matches("^HTTP/1.1 (400|404) ", await socket.ReadAsync());
    }

    private static ByteArrayContent Packed(string text, string encoding)
    {
        using var bytes = new MemoryStream();
        using (Stream packing = encoding switch
        {
            "gzip" => new GZipStream(bytes, CompressionLevel.SmallestSize, leaveOpen: true),
            "br" => new BrotliStream(bytes, CompressionLevel.Fastest, leaveOpen: true),
            _ => new ZLibStream(bytes, CompressionLevel.SmallestSize, leaveOpen: true),
        })
        {
            packing.Write(Encoding.UTF8.GetBytes(text));
        }

        var content = new ByteArrayContent(bytes.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add(encoding);
        return content;
    }

    /// <summary>A stream that does not say how long it is, so that it is sent in chunks.</summary>
    private sealed class NoLength(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
