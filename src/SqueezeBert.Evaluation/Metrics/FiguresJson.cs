using System.Text.Json;

namespace SqueezeBert.Evaluation.Metrics;

/// <summary>Figures as JSON, the same in every report.</summary>
internal static class FiguresJson
{
    /// <summary>Writes a property a figure, null where it is undefined: JSON has no NaN.</summary>
    public static void Write(Utf8JsonWriter writer, IEnumerable<(string Name, double Value)> figures)
    {
        foreach (var (name, value) in figures)
        {
            if (double.IsFinite(value)) writer.WriteNumber(name, value);
            else writer.WriteNull(name);
        }
    }
}
