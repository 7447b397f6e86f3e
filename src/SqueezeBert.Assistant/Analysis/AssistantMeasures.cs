using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.Assistant.Analysis;

/// <summary>What training measured: assistant.json beside the model.</summary>
internal sealed record AssistantMeasures
{
    /// <summary>The file's name.</summary>
    public const string FileName = "assistant.json";

    private const int MaxBytes = 1 << 20;
    private const int Version = 1;
    private const string Remedy = "train the assistant again, or run 'squeezebert assist scope --fit'";

    /// <summary>The head of the intents that <see cref="Scope"/> is about; null: that of the checkpoint's class.</summary>
    public string? Head { get; init; }

    /// <summary>What texts in scope are like; null: there were too few to tell.</summary>
    public ScopeCalibration? Scope { get; init; }

    /// <summary>Figures on sentences that the model of the check was not trained on, by name; for readers.</summary>
    public IReadOnlyDictionary<string, double> Figures { get; init; } = new Dictionary<string, double>();

    /// <summary>Writes the file.</summary>
    public void Save(string folder)
    {
        var json = new JsonObject { ["version"] = Version };
        if (Scope is { } scope)
        {
            json["in_scope"] = new JsonObject
            {
                ["head"] = Head,
                ["distance"] = Numbers(scope.Distance.Mean, scope.Distance.Deviation),
                ["confidence"] = Numbers(scope.Confidence.Mean, scope.Confidence.Deviation),
                ["regression"] = scope.Regression is var (bias, distance, confidence) ? Numbers(bias, distance, confidence) : null,
            };
        }

        json["figures"] = new JsonObject(Figures.Select(figure => KeyValuePair.Create(figure.Key, (JsonNode?)figure.Value)));
        AtomicFile.Write(Path.Combine(folder, FileName), stream => StrictJson.Write(stream, json));
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="InvalidModelFileException">It is damaged.</exception>
    public static AssistantMeasures Load(string path)
    {
        var json = StrictJson.ParseObject(StrictJson.ReadFile(path, MaxBytes), path);
        if (json["version"] is not JsonValue version || !version.TryGetValue<int>(out var number) || number != Version)
            throw new InvalidModelFileException(path, "version", $"is not {Version}, so the file is of another version: {Remedy}");
        var figures = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, value) in json["figures"] as JsonObject ?? [])
        {
            if (value is JsonValue figure && figure.TryGetValue<double>(out var one)) figures[name] = one;
        }

        if (json["in_scope"] is not { } node) return new AssistantMeasures { Figures = figures };
        if (node is not JsonObject scope) throw new InvalidModelFileException(path, "in_scope", $"is no object: {Remedy}");
        var regression = scope["regression"] is null ? null : Read(scope, "regression", 3, path);
        return new AssistantMeasures
        {
            Figures = figures,
            Head = ReadHead(scope, path),
            Scope = new ScopeCalibration
            {
                Distance = ReadMoments(scope, "distance", path),
                Confidence = ReadMoments(scope, "confidence", path),
                Regression = regression is null ? null : (regression[0], regression[1], regression[2]),
            },
        };
    }

    /// <summary>What texts in scope are like for a head; null: nothing was learnt about that one.</summary>
    /// <param name="roles">The heads that are asked.</param>
    /// <param name="configuration">The model's.</param>
    /// <param name="path">The file that this was read from, for messages.</param>
    /// <exception cref="InvalidModelFileException">It is about a head that the model does not have.</exception>
    public ScopeCalibration? ScopeOf(ModelRoles roles, ModelConfiguration configuration, string path)
    {
        if (Scope is null || Head == roles.Intent) return Scope;
        if (Head is null ? configuration.NamedHeads.Count > 0 : !configuration.NamedHeads.Any(head => head.Name == Head))
            throw new InvalidModelFileException(path, "in_scope.head", $"is '{Head}', a head that the model does not have: {Remedy}");
        return null;
    }

    private static string? ReadHead(JsonObject scope, string path)
    {
        if (!scope.TryGetPropertyValue("head", out var node))
            throw new InvalidModelFileException(path, "in_scope.head", $"is missing: {Remedy}");
        return node is null ? null : node is JsonValue value && value.TryGetValue<string>(out var name) ? name
            : throw new InvalidModelFileException(path, "in_scope.head", $"is not the name of a head: {Remedy}");
    }

    private static (double Mean, double Deviation) ReadMoments(JsonObject scope, string name, string path)
    {
        var numbers = Read(scope, name, 2, path);
        return numbers[1] > 0 ? (numbers[0], numbers[1])
            : throw new InvalidModelFileException(path, $"in_scope.{name}", $"has a deviation that is not above 0: {Remedy}");
    }

    private static JsonArray Numbers(params double[] numbers) => new([.. numbers.Select(number => (JsonNode)JsonValue.Create(number))]);

    private static double[] Read(JsonObject scope, string name, int count, string path)
    {
        var numbers = scope[name] is JsonArray array && array.Count == count
            ? array.Select(item => item is JsonValue value && value.TryGetValue<double>(out var one) ? one : double.NaN).ToArray() : [];
        return numbers.Length == count && numbers.All(double.IsFinite) ? numbers
            : throw new InvalidModelFileException(path, $"in_scope.{name}", $"is no list of {count} numbers: {Remedy}");
    }
}
