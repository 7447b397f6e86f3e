using System.Globalization;
using System.Text.Json.Nodes;

namespace SqueezeBert.Cli;

/// <summary>Labels with their scores, as `zero-shot` and `pair` write them.</summary>
internal static class LabelAnswers
{
    public static string Plain(IEnumerable<LabelScore> labels) =>
        string.Join("  ", labels.Select(label => string.Create(CultureInfo.InvariantCulture, $"{label.Label} {label.Score:0.0000}")));

    /// <summary>Adds label, score, labels and truncated.</summary>
    public static JsonObject Json(JsonObject json, Classification answer)
    {
        json["label"] = answer.Label;
        json["score"] = Number(answer.Score);
        json["labels"] = new JsonArray([.. answer.Labels.Select(label => new JsonObject { ["label"] = label.Label, ["score"] = Number(label.Score) })]);
        json["truncated"] = answer.IsTruncated;
        return json;
    }

    private static JsonNode? Number(float value) => float.IsFinite(value) ? JsonValue.Create(value) : null;
}
