using System.Net;
using System.Text;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.Hub;
using SqueezeBert.Tests.ModelFolders;
using SqueezeBert.Tests.Pipelines.Embedding;

namespace SqueezeBert.Tests.Hub;

/// <summary>What the hub's client fetches, and how it lies in the cache.</summary>
public sealed class ModelHubTests : HubTests
{
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
    public async Task APathIsItselfAndNeverDownloaded()
    {
        Assert.Equal("some/folder", await ModelHub.ResolveAsync("some/folder"));
        await Assert.ThrowsAsync<FormatException>(() => ModelHub.ResolveAsync("hf:../x"));
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
