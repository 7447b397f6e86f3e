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
            throw new InvalidModelFileException(path, "version", $"is not {Version}: it is of another version of this library");
        var figures = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, value) in json["figures"] as JsonObject ?? [])
        {
            if (value is JsonValue figure && figure.TryGetValue<double>(out var one)) figures[name] = one;
        }

        if (json["in_scope"] is not { } node) return new AssistantMeasures { Figures = figures };
        if (node is not JsonObject scope) throw new InvalidModelFileException(path, "in_scope", "is no object");
        var distance = Read(scope, "distance", 2, path);
        var confidence = Read(scope, "confidence", 2, path);
        if (!(distance[1] > 0) || !(confidence[1] > 0))
            throw new InvalidModelFileException(path, "in_scope", "has a deviation that is not above 0");
        var regression = scope["regression"] is null ? null : Read(scope, "regression", 3, path);
        return new AssistantMeasures
        {
            Figures = figures,
            Scope = new ScopeCalibration
            {
                Distance = (distance[0], distance[1]),
                Confidence = (confidence[0], confidence[1]),
                Regression = regression is null ? null : (regression[0], regression[1], regression[2]),
            },
        };
    }

    private static JsonArray Numbers(params double[] numbers) => [.. numbers.Select(number => JsonValue.Create(number))];

    private static double[] Read(JsonObject scope, string name, int count, string path)
    {
        var numbers = scope[name] is JsonArray array && array.Count == count
            ? array.Select(item => item is JsonValue value && value.TryGetValue<double>(out var one) ? one : double.NaN).ToArray() : [];
        return numbers.Length == count && numbers.All(double.IsFinite) ? numbers
            : throw new InvalidModelFileException(path, $"in_scope.{name}", $"is no list of {count} numbers");
    }
}
