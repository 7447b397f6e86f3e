using System.Globalization;
using System.Text.Json;
using SqueezeBert.Evaluation.Metrics;

namespace SqueezeBert.Evaluation;

/// <summary>The result of evaluating a regression model.</summary>
/// <param name="Count">The number of examples.</param>
/// <param name="Pearson">Pearson's correlation, or NaN if it is undefined.</param>
/// <param name="Spearman">Spearman's correlation, or NaN if it is undefined.</param>
/// <param name="MeanSquaredError">The mean squared error.</param>
public sealed record RegressionReport(int Count, double Pearson, double Spearman, double MeanSquaredError) : IEvaluationReport
{
    /// <inheritdoc/>
    public long Examples => Count;

    /// <summary>Computes the report from labels and predictions.</summary>
    /// <param name="labels">The true values.</param>
    /// <param name="predictions">The predicted values, as many as there are labels.</param>
    public static RegressionReport Of(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions) => new(
        labels.Length,
        RegressionMetrics.Pearson(labels, predictions),
        RegressionMetrics.Spearman(labels, predictions),
        RegressionMetrics.MeanSquaredError(labels, predictions));

    /// <summary>Writes one JSON object: examples, pearson, spearman, mean_squared_error. Undefined figures are null.</summary>
    /// <param name="writer">The writer that receives the object.</param>
    public void WriteJson(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteNumber("examples", Count);
        FiguresJson.Write(writer, Figures());

        writer.WriteEndObject();
    }

    /// <summary>Writes the report as plain text.</summary>
    /// <param name="writer">The writer that receives the text.</param>
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
