using System.Text.Json;
using SqueezeBert.Evaluation;
using SqueezeBert.Evaluation.Data;

namespace SqueezeBert.Cli.Reports;

/// <summary>A point of a learning curve.</summary>
/// <param name="Step">Steps since the beginning of the run, those of stages before it with it.</param>
/// <param name="Value">Finite.</param>
internal readonly record struct CurvePoint(long Step, double Value);

/// <summary>How a model's training went, by the metrics.jsonl in its folder.</summary>
/// <param name="Training">Loss of the texts that it learnt from.</param>
/// <param name="Evaluation">Loss of the held-out texts.</param>
/// <param name="Accuracy">Accuracy on the held-out texts; empty of a regression.</param>
internal sealed record LearningCurve(
    IReadOnlyList<CurvePoint> Training, IReadOnlyList<CurvePoint> Evaluation, IReadOnlyList<CurvePoint> Accuracy)
{
    public const string FileName = "metrics.jsonl";

    private const int MaxLines = 1_000_000;

    /// <summary>Reads a folder's file; null where it has none, or one without a point.</summary>
    /// <exception cref="DataFormatException">A line is no JSON object with the fields that a run writes.</exception>
    public static LearningCurve? Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return null;
        using var lines = new LineReader(DataStream.OpenFile(path), path, TableOptions.DefaultMaximumRecordBytes);
        var training = new SortedDictionary<long, double>();
        var evaluation = new SortedDictionary<long, double>();
        var accuracy = new SortedDictionary<long, double>();
        string? stage = null;
        long before = 0, last = 0;
        while (lines.Line < MaxLines && lines.Read() is { } line)
        {
            if (line.Length == 0) continue;
            try
            {
                using var json = JsonDocument.Parse(line);
                var fields = json.RootElement;
                var kind = fields.GetProperty("event").GetString();
                if (kind is not ("step" or "evaluation")) continue;
                if (fields.GetProperty("stage").GetString() is var name && name != stage)
                {
                    if (stage is not null) before = last;
                    stage = name;
                }

                // A resumed run writes the steps since its checkpoint again, and the later line counts.
                var step = last = before + fields.GetProperty("step").GetInt64();
                Set(kind == "step" ? training : evaluation, step, fields, "loss");
                if (kind == "evaluation") Set(accuracy, step, fields, "accuracy");
            }
            catch (Exception exception)
                when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
            {
                throw new DataFormatException(path, lines.Line,
                    "is no line of a training run: an object with 'event', 'stage', 'step' and 'loss'", exception);
            }
        }

        return training.Count + evaluation.Count == 0 ? null : new LearningCurve(Points(training), Points(evaluation), Points(accuracy));
    }

    private static void Set(SortedDictionary<long, double> points, long step, JsonElement fields, string name)
    {
        points.Remove(step);
        if (fields.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble()))
            points[step] = value.GetDouble();
    }

    private static List<CurvePoint> Points(SortedDictionary<long, double> points) =>
        [.. points.Select(point => new CurvePoint(point.Key, point.Value))];
}
