using System.Globalization;
using System.Text.Json;
using SqueezeBert.Evaluation.Metrics;

namespace SqueezeBert.Evaluation;

/// <summary>What an evaluation says about a model that predicts a number.</summary>
/// <param name="Count">Examples.</param>
/// <param name="Pearson">Pearson's correlation; NaN where undefined.</param>
/// <param name="Spearman">Spearman's correlation; NaN where undefined.</param>
/// <param name="MeanSquaredError">Mean squared error.</param>
public sealed record RegressionReport(int Count, double Pearson, double Spearman, double MeanSquaredError) : IEvaluationReport
{
    /// <inheritdoc/>
    public long Examples => Count;

    /// <summary>Compares predictions with labels, equally long lists.</summary>
    public static RegressionReport Of(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions) => new(
        labels.Length,
        RegressionMetrics.Pearson(labels, predictions),
        RegressionMetrics.Spearman(labels, predictions),
        RegressionMetrics.MeanSquaredError(labels, predictions));

    /// <summary>Writes one object: examples, pearson, spearman, mean_squared_error; null where a figure is undefined.</summary>
    public void WriteJson(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteNumber("examples", Count);
        FiguresJson.Write(writer, Figures());

        writer.WriteEndObject();
    }

    /// <summary>Writes the report as plain text.</summary>
    public void WriteText(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write($"examples {Count.ToString(CultureInfo.InvariantCulture)}\n");
        foreach (var (name, value) in Figures()) writer.Write($"{name} {value.ToString("F4", CultureInfo.InvariantCulture)}\n");
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, double Value)> Figures() =>
        [("pearson", Pearson), ("spearman", Spearman), ("mean_squared_error", MeanSquaredError)];
}
