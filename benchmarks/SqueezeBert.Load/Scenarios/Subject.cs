using System.Globalization;
using System.Text.Json;
using SqueezeBert.Load.Clients;
using SqueezeBert.Load.Servers;

namespace SqueezeBert.Load.Scenarios;

/// <summary>A model that is served: its texts, what the library does with them, and what its server can do.</summary>
internal sealed class Subject : IDisposable
{
    /// <summary>More than the server can do, by so much, so that there is always a next request.</summary>
    private const double Above = 1.25;

    private const int TextCount = 512;

    private readonly LibraryModel _library;
    private readonly Random _random = new(1);
    private readonly Dictionary<int, LoadResult> _saturated = [];
    private (double TextsASecond, double MillisecondsOfOne)? _alone;

    public Subject(ScenarioOptions options, string name, string path)
    {
        (Options, Name, Path) = (options, name, path);
        _library = new LibraryModel(path);
        LongestText = _library.LongestText;
        Texts = NewTexts(options.Tokens);
    }

    public ScenarioOptions Options { get; }

    public string Name { get; }

    public string Path { get; }

    public bool IsClassifier => _library.IsClassifier;

    /// <summary>Tokens that the model reads of a text at most.</summary>
    public int LongestText { get; }

    /// <summary>Texts of <see cref="ScenarioOptions.Tokens"/>.</summary>
    public IReadOnlyList<string> Texts { get; }

    /// <summary>What the library does in this process with the same texts, all of them at once.</summary>
    public double LibraryTextsASecond => Alone.TextsASecond;

    /// <summary>Milliseconds of one of the texts at batch 1, by the library in this process.</summary>
    public double MillisecondsOfOne => Alone.MillisecondsOfOne;

    private (double TextsASecond, double MillisecondsOfOne) Alone => _alone ??=
        (_library.TextsASecond(Texts, Options.Duration / 2), _library.MillisecondsOfOne(Texts, Options.Duration / 4));

    /// <summary>Measures the library, before a server runs beside it.</summary>
    public void MeasureAlone() => _ = Alone;

    public IReadOnlyList<string> NewTexts(int tokens, int count = TextCount) =>
        [.. Enumerable.Range(0, count).Select(_ => _library.Text(tokens, _random))];

    /// <summary>Milliseconds of one text of another length.</summary>
    public double MillisecondsOf(IReadOnlyList<string> texts) => _library.MillisecondsOfOne(texts, Options.Duration / 4);

    /// <summary>`squeezebert serve` of this model.</summary>
    public Task<ServerProcess> ServeAsync(CancellationToken cancellationToken) => ServerProcess.StartAsync(
        Options.Tool,
        ["serve", "--model", $"{Name}={Path}", "--urls", "http://127.0.0.1:0", "--max-length",
            LongestText.ToString(CultureInfo.InvariantCulture)],
        cancellationToken);

    /// <summary>Requests of texts to text-embeddings-inference's route for the model's kind.</summary>
    /// <param name="server">The server.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="together">How many of them a request has.</param>
    public IReadOnlyList<HttpRequest> Requests(ServerProcess server, IReadOnlyList<string> texts, int together)
    {
        var address = new Uri(server.Address, IsClassifier ? "/predict" : "/embed");
        return [.. texts.Chunk(together).Where(chunk => chunk.Length == together).Select(chunk => HttpRequest.Post(
            address,
            $$"""{"inputs": {{(together == 1 ? JsonSerializer.Serialize(chunk[0]) : IsClassifier
                ? JsonSerializer.Serialize(chunk.Select(text => new[] { text })) : JsonSerializer.Serialize(chunk))}}}""",
            together))];
    }

    /// <summary>What the server does when it is asked for more than it can do; measured once.</summary>
    public async Task<LoadResult> SaturateAsync(ServerProcess server, int together, CancellationToken cancellationToken)
    {
        if (_saturated.TryGetValue(together, out var known)) return known;
        return _saturated[together] = await AskAsync(
            server, [new RequestKind("", 1, Requests(server, Texts, together))], Above * LibraryTextsASecond / together, Options.Duration,
            cancellationToken);
    }

    /// <summary>Asks at a rate.</summary>
    public async Task<LoadResult> AskAsync(
        ServerProcess server, IReadOnlyList<RequestKind> kinds, double rate, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var loop = new OpenLoop(new LoadPlan(server.EndPoint, rate, Options.WarmUp, duration, kinds));
        return await loop.RunAsync(cancellationToken);
    }

    public void Dispose() => _library.Dispose();
}
