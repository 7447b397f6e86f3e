using System.Text.Json;

namespace SqueezeBert.Training.Running;

/// <summary>An evaluation as fields of a JSON object: of a line of metrics.jsonl, and of a checkpoint's state.</summary>
internal static class EvaluationFields
{
    /// <summary>Writes nothing for null.</summary>
    public static void Write(Utf8JsonWriter json, EvaluationSummary? evaluation)
    {
        if (evaluation is null) return;
        MetricsFile.Number(json, "loss", evaluation.Loss);
        if (evaluation.Accuracy is { } accuracy) json.WriteNumber("accuracy", accuracy);
        json.WriteNumber("examples", evaluation.Examples);
        if (evaluation.Figures.Count > 0)
        {
            json.WriteStartObject("figures");
            foreach (var (name, value) in evaluation.Figures) MetricsFile.Number(json, name, value);
            json.WriteEndObject();
        }

        json.WriteStartObject("accuracy_by_file");
        foreach (var (file, share) in evaluation.BySource) json.WriteNumber(file, share);
        json.WriteEndObject();
    }

    /// <summary>Null where there is no loss.</summary>
    public static EvaluationSummary? Read(JsonElement json)
    {
        if (!json.TryGetProperty("loss", out var loss)) return null;
        return new EvaluationSummary(
            loss.ValueKind == JsonValueKind.Null ? double.NaN : loss.GetDouble(),
            json.TryGetProperty("accuracy", out var accuracy) ? accuracy.GetDouble() : null,
            json.GetProperty("examples").GetInt64(),
            Numbers(json, "accuracy_by_file"))
        {
            Figures = Numbers(json, "figures"),
        };
    }

    private static SortedDictionary<string, double> Numbers(JsonElement json, string name)
    {
        var numbers = new SortedDictionary<string, double>(StringComparer.Ordinal);
        if (!json.TryGetProperty(name, out var values)) return numbers;
        foreach (var value in values.EnumerateObject())
            numbers[value.Name] = value.Value.ValueKind == JsonValueKind.Null ? double.NaN : value.Value.GetDouble();
        return numbers;
    }
}
