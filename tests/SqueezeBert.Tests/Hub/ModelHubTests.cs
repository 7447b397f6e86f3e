using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.Hub;
using SqueezeBert.Tests.ModelFolders;
using SqueezeBert.Tests.Pipelines.Embedding;

namespace SqueezeBert.Tests.Hub;

/// <summary>The hub's client against a real server, well-behaved and not.</summary>
public sealed class ModelHubTests : IDisposable
{
    private static readonly ModelReference Model = ModelReference.Parse("owner/name");
    private readonly TemporaryFolder _folder = new();
    private readonly HubServer _server = new();
    private readonly ConcurrentQueue<TimeSpan> _pauses = new();

    public ModelHubTests()
    {
        _server.Files["config.json"] = File.ReadAllBytes(Path.Combine(GoldenModels.Folder("squeezebert-encoder"), "config.json"));
        _server.Files["vocab.txt"] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n"u8.ToArray();
        _server.Files["model.safetensors"] = File.ReadAllBytes(GoldenModels.Weights("squeezebert-encoder"));
        _server.Files["pytorch_model.bin"] = [1, 2, 3];
        _server.Files["README.md"] = "text"u8.ToArray();
        _server.Files["../../evil.txt"] = "evil"u8.ToArray();
    }

    private byte[] Weights => _server.Files["model.safetensors"];

    private string Cache => _folder.File("hub");

    private string ModelCache => Path.Combine(Cache, "models--owner--name");

    private string Snapshot => Path.Combine(ModelCache, "snapshots", HubServer.Commit);

    private string PartialPath => Path.Combine(ModelCache, "blobs", HubServer.Sha256(Weights) + ".incomplete");

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task ACallersClientSendsTheRequestsAndStaysOpen()
    {
        using var counting = new CountingHandler();
        using var client = new HttpClient(counting);
        var options = new HubOptions { Endpoint = _server.Endpoint, CacheFolder = Cache, Client = client };
        using (var hub = new ModelHub(options)) await hub.DownloadAsync(Model, null, TestContext.Current.CancellationToken);
        Assert.True(counting.Count > 3);
        Assert.True(File.Exists(Path.Combine(Snapshot, "model.safetensors")));
        var address = new Uri(_server.Endpoint, "api/models/owner/name/revision/main?blobs=true");
        using var answer = await client.GetAsync(address, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task AClientThatFollowsRedirectsByItselfIsRefused()
    {
        using var client = new HttpClient(new FollowingHandler());
        using var hub = new ModelHub(new HubOptions { Endpoint = _server.Endpoint, CacheFolder = Cache, Client = client });
        var error = await Assert.ThrowsAsync<HubException>(
            () => hub.DownloadAsync(Model, null, TestContext.Current.CancellationToken));
        Assert.Contains("AllowAutoRedirect = false", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AModelIsFetchedIntoTheHubsLayoutAndFoundAgain()
    {
        var progress = new List<DownloadProgress>();
        using var hub = Hub();
        Assert.Null(hub.FindCached(Model));

        var folder = await hub.DownloadAsync(Model, new Collect(progress));

        Assert.Equal(Snapshot, folder);
        Assert.Equal(["config.json", "model.safetensors", "vocab.txt"],
            Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(HubServer.Commit, File.ReadAllText(Path.Combine(ModelCache, "refs", "main")));
        Assert.Equal(Weights, File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
        if (new FileInfo(Path.Combine(folder, "model.safetensors")).LinkTarget is { } link)
        {
            Assert.Equal(Path.Combine("..", "..", "blobs", HubServer.Sha256(Weights)), link);
            Assert.Equal(
                new[] { HubServer.GitHash(_server.Files["config.json"]), HubServer.GitHash(_server.Files["vocab.txt"]),
                    HubServer.Sha256(Weights) }.Order(StringComparer.Ordinal),
                Directory.EnumerateFiles(Path.Combine(ModelCache, "blobs")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        }

        using (var opened = ModelFolder.Open(folder)) Assert.Equal("squeezebert", opened.Configuration.ModelType);
        Assert.Equal(["config.json", "vocab.txt", "model.safetensors"], progress.Where(item => item.IsComplete).Select(item => item.File));
        Assert.Contains(
            progress, item => item.File == "model.safetensors" && item.FileBytes == Weights.Length && item.FileSize == Weights.Length);
        Assert.Equal(folder, hub.FindCached(Model));
        Assert.Equal(folder, hub.FindCached(ModelReference.Parse("owner/name@" + HubServer.Commit)));

        // What is there is not fetched again.
        _server.Requests.Clear();
        Assert.Equal(folder, await hub.DownloadAsync(Model));
        Assert.Equal("/api/models/owner/name/revision/main?blobs=true", Assert.Single(_server.Requests).Path);
        _server.Requests.Clear();
        Assert.Equal(folder, await hub.ResolveAsync(Model));
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task TheTokenGoesToTheEndpointAndToNoOtherHost()
    {
        using var hub = Hub(options => options with { Token = "hf_secret" });

        await hub.DownloadAsync(Model);

        Assert.Contains(_server.Requests, request => request.IsFor("localhost"));
        Assert.All(_server.Requests,
            request => Assert.Equal(request.IsFor("127.0.0.1"), request.Headers.GetValueOrDefault("authorization") == "Bearer hf_secret"));
        Assert.All(_server.Requests.Where(request => request.IsFor("localhost")),
            request => Assert.DoesNotContain("authorization", request.Headers.Keys));
    }

    [Fact]
    public void WhatAnotherToolFetchedIsFound()
    {
        Directory.CreateDirectory(Path.Combine(ModelCache, "refs", "refs", "pr"));
        File.WriteAllText(Path.Combine(ModelCache, "refs", "refs", "pr", "1"), HubServer.Commit + "\n");
        Directory.CreateDirectory(Snapshot);
        using var hub = Hub();
        var model = ModelReference.Parse("owner/name@refs/pr/1");

        Assert.Null(hub.FindCached(model));
        foreach (var file in new[] { "config.json", "vocab.txt" }) File.WriteAllBytes(Path.Combine(Snapshot, file), _server.Files[file]);
        Assert.Null(hub.FindCached(model));
        File.WriteAllText(Path.Combine(Snapshot, "model.safetensors.index.json"),
            """{"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}""");
        File.WriteAllText(Path.Combine(Snapshot, "1.safetensors"), "");
        Assert.Null(hub.FindCached(model));
        File.WriteAllText(Path.Combine(Snapshot, "2.safetensors"), "");

        Assert.Equal(Snapshot, hub.FindCached(model));
        Assert.Null(hub.FindCached(Model));
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task OfflineOnlyTheCacheIsUsedAndTheMessageSaysWhatToDo()
    {
        using var offline = Hub(options => options with { IsOffline = true });
        var error = await Assert.ThrowsAsync<HubException>(() => offline.DownloadAsync(Model));
        Assert.Contains("owner/name is not in the cache at", error.Message, StringComparison.Ordinal);
        Assert.Contains("run 'squeezebert pull owner/name' once with a network", error.Message, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);

        using (var hub = Hub()) await hub.DownloadAsync(Model);
        _server.Requests.Clear();
        Assert.Equal(Snapshot, await offline.DownloadAsync(Model));
        File.Delete(Path.Combine(Snapshot, "model.safetensors"));
        Assert.Contains("lacks weights", (await Assert.ThrowsAsync<HubException>(() => offline.DownloadAsync(Model))).Message,
            StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task WithoutAServerTheMessageNamesIt()
    {
        // Bound and not listening: a port that is only free another test's server may get.
        using var nobody = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var hub = Hub(options => options with { Endpoint = new Uri($"http://{nobody.LocalEndPoint}") });

        var error = await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model));

        Assert.Contains("owner/name: 127.0.0.1 cannot be reached", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, _pauses.Count);
    }

    [Fact]
    public async Task ACutConnectionIsContinued()
    {
        var cuts = 0;
        _server.Intercept = request => request.Method == "GET" && request.Path.StartsWith("/cdn/", StringComparison.Ordinal) && cuts++ < 3
            ? Cut(_server.Answer(request), 30_000)
            : null;
        using var hub = Hub();

        await hub.DownloadAsync(Model);

        Assert.Equal(Weights, File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
        var ranges = _server.Downloads.Where(request => request.IsFor("localhost")).Select(request => request.Range).ToList();
        Assert.Equal(4, ranges.Count);
        Assert.Null(ranges[0]);
        Assert.All(ranges.Skip(1), range => Assert.StartsWith("bytes=", range, StringComparison.Ordinal));
    }

    [Fact]
    public async Task AConnectionThatIsAlwaysCutEndsInAnErrorAndKeepsWhatCame()
    {
        _server.Intercept = request => request.Method == "GET" && request.Path.StartsWith("/cdn/", StringComparison.Ordinal)
            ? request.Range is null ? Cut(_server.Answer(request), 30_000) : Cut(_server.Answer(request), 0)
            : null;
        using (var hub = Hub())
        {
            var error = await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model));
            Assert.Contains("localhost cannot be reached", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
            Assert.Null(hub.FindCached(Model));
        }

        var kept = new FileInfo(PartialPath).Length;
        Assert.InRange(kept, 1, 30_000);
        Assert.False(File.Exists(Path.Combine(Snapshot, "model.safetensors")));

        // The next call, and the hub's own tools, go on from there.
        _server.Intercept = _ => null;
        _server.Requests.Clear();
        using var again = Hub();
        await again.DownloadAsync(Model);
        Assert.Equal($"bytes={kept}-", Assert.Single(_server.Downloads, request => request.IsFor("localhost")).Range);
        Assert.Equal(Weights, File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
        Assert.False(File.Exists(PartialPath));
    }

    [Theory]
    [InlineData("ignores the range")]
    [InlineData("416")]
    [InlineData("continues elsewhere")]
    public async Task AServerThatDoesNotContinueSendsAllAgain(string how)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PartialPath)!);
        File.WriteAllBytes(PartialPath, Weights[..5000]);
        _server.Intercept = request => request.Range is null || !request.Path.StartsWith("/cdn/", StringComparison.Ordinal) ? null
            : how switch
            {
                "416" => HubServer.Reply.Of("416 Range Not Satisfiable", []),
                "continues elsewhere" => HubServer.Reply.Of(
                    "206 Partial Content", Weights[4000..], ("Content-Range", $"bytes 4000-{Weights.Length - 1}/{Weights.Length}")),
                _ => HubServer.Reply.Of("200 OK", Weights),
            };
        using var hub = Hub();

        await hub.DownloadAsync(Model);

        Assert.Equal(Weights, File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
    }

    [Fact]
    public async Task APartialFileWithWrongBytesIsAnErrorOnceAndThenFetchedAnew()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PartialPath)!);
        File.WriteAllBytes(PartialPath, new byte[5000]);
        using var hub = Hub();

        Assert.Contains("checksum", (await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model))).Message,
            StringComparison.Ordinal);
        await hub.DownloadAsync(Model);

        Assert.Equal(Weights, File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
    }

    [Theory]
    [InlineData("other bytes", "model.safetensors", "checksum")]
    [InlineData("other bytes", "config.json", "checksum")]
    [InlineData("more bytes, and says so", "model.safetensors", "is about to send more than")]
    [InlineData("more bytes in chunks", "model.safetensors", "sends more than")]
    [InlineData("another size in the header", "model.safetensors", "here and")]
    [InlineData("another hash in the header", "model.safetensors", "two different hashes")]
    [InlineData("no etag", "config.json", "no usable ETag")]
    [InlineData("a path as etag", "config.json", "no usable ETag")]
    [InlineData("another commit", "config.json", "instead of 0123456789abcdef")]
    public async Task AServerThatLiesIsFoundOut(string lie, string file, string message)
    {
        var isLarge = file == "model.safetensors";
        _server.Intercept = request =>
        {
            var isFile = request.Path.EndsWith("/" + file, StringComparison.Ordinal);
            var isBody = isLarge ? request.Path.StartsWith("/cdn/", StringComparison.Ordinal) : isFile && request.Method == "GET";
            var reply = _server.Answer(request);
            switch (lie)
            {
                case "other bytes" when isBody:
                    var other = (byte[])reply.Body.Clone();
                    other[^1] ^= 1;
                    return reply with { Body = other };
                case "more bytes, and says so" when isBody:
                    return reply with { Body = [.. reply.Body, 0] };
                case "more bytes in chunks" when isBody:
                    return new("200 OK", new() { ["Transfer-Encoding"] = "chunked", ["Content-Length"] = "" },
                        [.. Encoding.ASCII.GetBytes($"{reply.Body.Length + 1:x}\r\n"), .. reply.Body, 0, .. "\r\n0\r\n\r\n"u8]);
                case "another size in the header" when isFile:
                    reply.Headers["X-Linked-Size"] = "5";
                    return reply;
                case "another hash in the header" when isFile:
                    reply.Headers["X-Linked-Etag"] = $"\"{new string('a', 64)}\"";
                    return reply;
                case "no etag" when isFile:
                    reply.Headers.Remove("ETag");
                    return reply;
                case "a path as etag" when isFile:
                    reply.Headers["ETag"] = "\"../../../evil\"";
                    return reply;
                case "another commit" when isFile:
                    reply.Headers["X-Repo-Commit"] = new string('f', 40);
                    return reply;
                default:
                    return null;
            }
        };
        using var hub = Hub();

        var error = await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("owner/name: ", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Snapshot, file)));
        Assert.False(File.Exists(Path.Combine(ModelCache, "refs", "main")));

        // Nothing of it is in the way of an honest server.
        _server.Intercept = _ => null;
        await hub.DownloadAsync(Model);
        Assert.Equal(_server.Files[file], File.ReadAllBytes(Path.Combine(Snapshot, file)));
    }

    [Theory]
    [InlineData("401 Unauthorized", "RepoNotFound", "there is no such model at 127.0.0.1, or it is private; check the name; set HF_TOKEN")]
    [InlineData("401 Unauthorized", "", "there is no such model")]
    [InlineData("403 Forbidden", "GatedRepo", "access is restricted; accept its terms")]
    [InlineData("404 Not Found", "RepoNotFound", "there is no such model")]
    [InlineData("404 Not Found", "RevisionNotFound", "there is no revision 'main'")]
    [InlineData("404 Not Found", "", "not found at 127.0.0.1")]
    [InlineData("418 I'm a teapot", "", "answers with HTTP 418")]
    public async Task ARefusalSaysWhy(string status, string code, string message)
    {
        _server.Intercept = _ => HubServer.Reply.Of(status, [], ("X-Error-Code", code));
        using var hub = Hub();

        var error = await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode)int.Parse(status[..3], System.Globalization.CultureInfo.InvariantCulture), error.StatusCode);
        Assert.Single(_server.Requests);
    }

    [Theory]
    [InlineData("429 Too Many Requests", "asks for fewer requests (HTTP 429)")]
    [InlineData("500 Internal Server Error", "answers with HTTP 500")]
    [InlineData("503 Service Unavailable", "answers with HTTP 503")]
    public async Task ABusyServerIsAskedAgainAndThenNamed(string status, string message)
    {
        var refusals = 0;
        _server.Intercept = _ => refusals++ < 2 ? HubServer.Reply.Of(status, [], ("Retry-After", "7")) : null;
        using var hub = Hub();
        await hub.DownloadAsync(Model);
        Assert.Equal([TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(7)], _pauses);

        _pauses.Clear();
        _server.Intercept = _ => HubServer.Reply.Of(status, [], ("Retry-After", "100000"));
        Assert.Contains(message, (await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model))).Message,
            StringComparison.Ordinal);
        Assert.Equal(Enumerable.Repeat(TimeSpan.FromSeconds(60), 4), _pauses);
    }

    [Theory]
    [InlineData("/owner/name/elsewhere", "redirects more than 5 times")]
    [InlineData("file:///etc/passwd", "redirects to an address of the kind 'file'")]
    [InlineData("", "redirects to nowhere")]
    public async Task ARedirectThatLeadsAstrayIsNotFollowed(string location, string message)
    {
        _server.Intercept = _ => HubServer.Reply.Of("302 Found", [], location.Length == 0 ? [] : [("Location", location)]);
        using var hub = Hub();

        Assert.Contains(message, (await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARenamedModelIsFollowed()
    {
        _server.Intercept = request => request.Path.Contains("owner/old", StringComparison.Ordinal)
            ? HubServer.Reply.Of("307 Temporary Redirect", [],
                ("Location", request.Path.Replace("owner/old", "owner/name", StringComparison.Ordinal)))
            : null;
        using var hub = Hub();

        var folder = await hub.DownloadAsync(ModelReference.Parse("owner/old"));

        Assert.Equal(Path.Combine(Cache, "models--owner--old", "snapshots", HubServer.Commit), folder);
        Assert.Equal(Weights, File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
    }

    [Theory]
    [InlineData("nonsense", "cannot be read")]
    [InlineData("[]", "cannot be read")]
    [InlineData("""{"sha":"../..","siblings":[]}""", "does not name a commit")]
    [InlineData("""{"sha":"0123456789abcdef0123456789abcdef01234567"}""", "has no files")]
    [InlineData("""{"sha":"0123456789abcdef0123456789abcdef01234567","siblings":[{"size":1}]}""", "has a file without a name")]
    [InlineData("""{"sha":"0123456789abcdef0123456789abcdef01234567","siblings":[]}""", "has no config.json")]
    public async Task AWrongListIsAnError(string json, string message)
    {
        _server.Intercept = _ => HubServer.Reply.Of("200 OK", Encoding.UTF8.GetBytes(json));
        using var hub = Hub();

        Assert.Contains(message, (await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutReadableWeightsTheMessageSaysWhatThereIs()
    {
        _server.Files.Remove("model.safetensors");
        _server.Files.Remove("pytorch_model.bin");
        _server.Files["tf_model.h5"] = [1];
        using var hub = Hub();

        Assert.Contains("other kinds of weights (tf_model.h5)",
            (await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ShardsAndModulesAreFetchedByTheirIndex()
    {
        _server.Files["modules.json"] =
            """[{"type":"sentence_transformers.models.Transformer","path":""},{"type":"sentence_transformers.models.Pooling","path":"1_Pooling"}]"""u8.ToArray();
        _server.Files["1_Pooling/config.json"] = """{"pooling_mode_mean_tokens":true}"""u8.ToArray();
        _server.Files["model-1.safetensors"] = Weights;
        _server.Files.Remove("model.safetensors");
        using (var tensors = SafetensorsFile.Open(GoldenModels.Weights("squeezebert-encoder")))
        {
            _server.Files["model.safetensors.index.json"] = Encoding.UTF8.GetBytes(
                "{\"weight_map\":{" + string.Join(',', tensors.Names.Select(name => $"\"{name}\":\"model-1.safetensors\"")) + "}}");
        }

        using var hub = Hub();

        var folder = await hub.DownloadAsync(Model);

        using var opened = ModelFolder.Open(folder);
        Assert.True(opened.CompareWeights().IsComplete);
        Assert.Equal(SentencePooling.Mean, SentenceEncoderSettings.Load(folder).Pooling);
        Assert.Equal(folder, hub.FindCached(Model));
    }

    [Fact]
    public async Task AnEncoderInAFolderOfItsOwnIsFetchedWithItsModules()
    {
        _server.Files["modules.json"] =
            """[{"type":"sentence_transformers.models.Transformer","path":"0_Transformer"},{"type":"sentence_transformers.models.Pooling","path":"1_Pooling"},{"type":"sentence_transformers.models.Normalize","path":"2_Normalize"}]"""u8.ToArray();
        _server.Files["1_Pooling/config.json"] = """{"pooling_mode":"cls"}"""u8.ToArray();
        foreach (var name in new[] { "config.json", "vocab.txt", "model.safetensors" })
        {
            _server.Files["0_Transformer/" + name] = _server.Files[name];
            _server.Files.Remove(name);
        }

        _server.Files["0_Transformer/sentence_bert_config.json"] = """{"max_seq_length":7}"""u8.ToArray();
        _server.Files["0_Transformer/added_tokens.json"] = "{}"u8.ToArray();
        _server.Files["0_Transformer/pytorch_model.bin"] = [1];
        using var hub = Hub();

        var folder = await hub.DownloadAsync(Model);

        Assert.Equal(
            ["0_Transformer/added_tokens.json", "0_Transformer/config.json", "0_Transformer/model.safetensors",
                "0_Transformer/sentence_bert_config.json", "0_Transformer/vocab.txt", "1_Pooling/config.json", "modules.json"],
            Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal));
        using (var embedder = TextEmbedder.Load(folder)) Assert.Equal(
            (SentencePooling.Cls, true, 7), (embedder.Settings.Pooling, embedder.Settings.Normalize, embedder.MaxLength));
        Assert.Equal(folder, hub.FindCached(Model));
        foreach (var file in new[] { "1_Pooling/config.json", "0_Transformer/vocab.txt", "0_Transformer/model.safetensors" })
        {
            File.Delete(Path.Combine(folder, file));
            Assert.Null(hub.FindCached(Model));
            await hub.DownloadAsync(Model);
            Assert.Equal(folder, hub.FindCached(Model));
        }
    }

    [Fact]
    public async Task ATableOfStaticEmbeddingsNeedsNoConfiguration()
    {
        using var table = StaticFolder.SentenceTransformers("0_StaticEmbedding", "StaticEmbedding", "Normalize");
        _server.Files.Clear();
        foreach (var name in (string[])["modules.json", "0_StaticEmbedding/model.safetensors", "0_StaticEmbedding/tokenizer.json"])
            _server.Files[name] = File.ReadAllBytes(Path.Combine(table.Path, name));
        using var hub = Hub();

        var folder = await hub.DownloadAsync(Model);

        using (var embedder = TextEmbedder.Load(folder))
            Assert.Equal((true, 1), (embedder.Settings.Normalize, embedder.Embed("film").Read.TokenCount));
        Assert.Equal(folder, hub.FindCached(Model));
        File.Delete(Path.Combine(folder, "0_StaticEmbedding", "model.safetensors"));
        Assert.Null(hub.FindCached(Model));
    }

    [Theory]
    [InlineData("../../evil.txt", "is not the plain name")]
    [InlineData("missing.safetensors", "names missing.safetensors, which the model does not have")]
    public async Task AnIndexCannotNameOtherFiles(string shard, string message)
    {
        _server.Files.Remove("model.safetensors");
        _server.Files["model.safetensors.index.json"] = Encoding.UTF8.GetBytes($$$"""{"weight_map":{"a":"{{{shard}}}"}}""");
        using var hub = Hub();

        var error = await Assert.ThrowsAnyAsync<Exception>(() => hub.DownloadAsync(Model));

        Assert.True(error is HubException or InvalidModelFileException);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "evil*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task TooLargeAModelIsRefusedBeforeItIsFetched()
    {
        using var hub = Hub(options => options with { MaxBytes = Weights.Length });

        var error = await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model));

        Assert.Contains($"model.safetensors has {Weights.Length} bytes, more than the", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_server.Requests, request => request.IsFor("localhost"));
    }

    [Fact]
    public async Task SeveralAtOnceFetchEachFileOnce()
    {
        var hubs = Enumerable.Range(0, 4).Select(_ => Hub()).ToList();

        var folders = await Task.WhenAll(hubs.Select(hub => Task.Run(() => hub.DownloadAsync(Model))));

        foreach (var hub in hubs) hub.Dispose();
        Assert.All(folders, folder => Assert.Equal(Snapshot, folder));
        Assert.Equal(3, _server.Downloads.Count(request => request.Range is null && !IsRedirected(request)));
        Assert.Equal(Weights, File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
        Assert.Empty(Directory.EnumerateFiles(Cache, "*.tmp", SearchOption.AllDirectories));

        // A GET of the resolve address of a large file would be a redirect; ours goes to the target at once.
        static bool IsRedirected(HubServer.Request request) =>
            request.IsFor("127.0.0.1") && request.Path.EndsWith("model.safetensors", StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALockOfAnotherProcessIsWaitedFor()
    {
        var path = Path.Combine(Cache, ".locks", "models--owner--name", HubServer.Sha256(Weights) + ".lock");
        using var hub = Hub();
        Task<string> download;
        using (await FileLock.AcquireAsync(path, CancellationToken.None))
        {
            download = hub.DownloadAsync(Model);
            await Task.WhenAny(download, Task.Delay(500));
            Assert.False(download.IsCompleted);
            Assert.DoesNotContain(_server.Downloads, request => request.IsFor("localhost"));
        }

        Assert.Equal(Snapshot, await download);
    }

    [Fact]
    public async Task WithoutLinksTheSnapshotHasTheFilesAndThereAreNoBlobs()
    {
        using var hub = Hub(options => options with { UseLinks = false });

        var folder = await hub.DownloadAsync(Model);

        Assert.Null(new FileInfo(Path.Combine(folder, "model.safetensors")).LinkTarget);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(ModelCache, "blobs")));
        _server.Requests.Clear();
        Assert.Equal(folder, await hub.DownloadAsync(Model));
        Assert.Single(_server.Requests);
        using var opened = ModelFolder.Open(folder);
    }

    [Fact]
    public async Task ACancelledDownloadIsContinuedByTheNext()
    {
        using var cancel = new CancellationTokenSource();
        using var hub = Hub();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hub.DownloadAsync(
            Model, new CancelAt("model.safetensors", cancel), cancel.Token));
        Assert.InRange(new FileInfo(PartialPath).Length, 1, Weights.Length);

        await hub.DownloadAsync(Model);

        Assert.Equal(Weights, File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
    }

    [Fact]
    public async Task ASilentServerIsGivenUp()
    {
        using var silent = new ManualResetEventSlim();
        _server.Intercept = _ =>
        {
            silent.Wait(TimeSpan.FromSeconds(30));
            return null;
        };
        using var hub = Hub(options => options with { AnswerTimeout = TimeSpan.FromMilliseconds(50) });

        var error = await Assert.ThrowsAsync<HubException>(() => hub.DownloadAsync(Model));
        silent.Set();

        Assert.Contains("cannot be reached (no answer for", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APathIsItselfAndNeverDownloaded()
    {
        Assert.Equal("some/folder", await ModelHub.ResolveAsync("some/folder"));
        await Assert.ThrowsAsync<FormatException>(() => ModelHub.ResolveAsync("hf:../x"));
    }

    private static HubServer.Reply Cut(HubServer.Reply reply, int after)
    {
        reply.Headers["Content-Length"] = reply.Body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return reply with { Body = reply.Body[..Math.Min(after, reply.Body.Length)] };
    }

    private ModelHub Hub(Func<HubOptions, HubOptions>? change = null)
    {
        var options = new HubOptions
        {
            Endpoint = _server.Endpoint,
            CacheFolder = Cache,
            AnswerTimeout = TimeSpan.FromMinutes(1),
            DownloadTimeout = TimeSpan.FromMinutes(1),
            Delay = (pause, _) =>
            {
                _pauses.Enqueue(pause);
                return Task.CompletedTask;
            },
        };
        return new ModelHub(change?.Invoke(options) ?? options);
    }

    private sealed class Collect(List<DownloadProgress> items) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => items.Add(value);
    }

    private sealed class CancelAt(string file, CancellationTokenSource cancel) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value)
        {
            if (value.File == file && !value.IsComplete) cancel.Cancel();
        }
    }

    private sealed class CountingHandler() : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        public int Count { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Count++;
            return base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>What a handler with AllowAutoRedirect leaves behind: the request has the last address.</summary>
    private sealed class FollowingHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new Uri("https://elsewhere.example/file");
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request });
        }
    }
}
