using System.Text.Json;

namespace SqueezeBert.Evaluation.Metrics;

/// <summary>Scores of classes as JSON, the same in every report.</summary>
internal static class ClassScoresJson
{
    /// <summary>Writes "classes": [{label, precision, recall, f1, support}…].</summary>
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<string> labels, Func<int, ClassScores> scoresOf)
    {
        writer.WriteStartArray("classes");
        for (var i = 0; i < labels.Count; i++)
        {
            var scores = scoresOf(i);
            writer.WriteStartObject();
            writer.WriteString("label", labels[i]);
            writer.WriteNumber("precision", scores.Precision);
            writer.WriteNumber("recall", scores.Recall);
            writer.WriteNumber("f1", scores.F1);
            writer.WriteNumber("support", scores.Support);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
