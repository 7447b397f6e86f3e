using System.Collections.Concurrent;
using SqueezeBert.Hub;
using SqueezeBert.Tests.ModelFolders;

namespace SqueezeBert.Tests.Hub;

/// <summary>A model on a server, and a cache of its own for each test.</summary>
public abstract class HubTests : IDisposable
{
    private protected static readonly ModelReference Model = ModelReference.Parse("owner/name");
    private protected readonly TemporaryFolder _folder = new();
    private protected readonly HubServer _server = new();
    private protected readonly ConcurrentQueue<TimeSpan> _pauses = new();

    protected HubTests()
    {
        _server.Files["config.json"] = File.ReadAllBytes(Path.Combine(GoldenModels.Folder("squeezebert-encoder"), "config.json"));
        _server.Files["vocab.txt"] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n"u8.ToArray();
        _server.Files["model.safetensors"] = File.ReadAllBytes(GoldenModels.Weights("squeezebert-encoder"));
        _server.Files["pytorch_model.bin"] = [1, 2, 3];
        _server.Files["README.md"] = "text"u8.ToArray();
        _server.Files["../../evil.txt"] = "evil"u8.ToArray();
    }

    private protected byte[] Weights => _server.Files["model.safetensors"];

    private protected string Cache => _folder.File("hub");

    private protected string ModelCache => Path.Combine(Cache, "models--owner--name");

    private protected string Snapshot => Path.Combine(ModelCache, "snapshots", HubServer.Commit);

    private protected string PartialPath => Path.Combine(ModelCache, "blobs", HubServer.Sha256(Weights) + ".incomplete");

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    private protected static HubServer.Reply Cut(HubServer.Reply reply, int after)
    {
        reply.Headers["Content-Length"] = reply.Body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return reply with { Body = reply.Body[..Math.Min(after, reply.Body.Length)] };
    }

    private protected ModelHub Hub(Func<HubOptions, HubOptions>? change = null)
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

    private protected sealed class Collect(List<DownloadProgress> items) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => items.Add(value);
    }

    private protected sealed class CancelAt(string file, CancellationTokenSource cancel) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value)
        {
            if (value.File == file && !value.IsComplete) cancel.Cancel();
        }
    }
}
