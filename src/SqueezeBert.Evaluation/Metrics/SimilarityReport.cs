using System.Globalization;
using System.Text.Json;
using SqueezeBert.Evaluation.Metrics;

namespace SqueezeBert.Evaluation;

/// <summary>The agreement between the cosine similarities of pairs and their labels.</summary>
/// <param name="Count">The number of pairs.</param>
/// <param name="Pearson">Pearson's correlation, or NaN if it is undefined.</param>
/// <param name="Spearman">Spearman's correlation, or NaN if it is undefined. Equal values share the mean of their ranks.</param>
public sealed record SimilarityReport(int Count, double Pearson, double Spearman) : IEvaluationReport
{
    /// <inheritdoc/>
    public long Examples => Count;

    /// <summary>Computes the report from labels and cosines.</summary>
    /// <param name="labels">The labels of the pairs.</param>
    /// <param name="cosines">The cosine similarities of the pairs, as many as there are labels.</param>
    public static SimilarityReport Of(ReadOnlySpan<double> labels, ReadOnlySpan<double> cosines) =>
        new(labels.Length, RegressionMetrics.Pearson(labels, cosines), RegressionMetrics.Spearman(labels, cosines));

    /// <summary>Writes one JSON object: examples, pearson, spearman. Undefined figures are null.</summary>
    /// <param name="writer">The writer that receives the object.</param>
    public void WriteJson(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteNumber("examples", Count);
        FiguresJson.Write(writer, Figures());

        writer.WriteEndObject();
    }

    /// <summary>Writes the report as plain text. Correlations are multiplied by 100, as in publications.</summary>
    /// <param name="writer">The writer that receives the text.</param>
    public void WriteText(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write($"pairs {Count.ToString(CultureInfo.InvariantCulture)}\n");
        foreach (var (name, value) in Figures()) writer.Write($"{name} {(100 * value).ToString("F2", CultureInfo.InvariantCulture)}\n");
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, double Value)> Figures() => [("pearson", Pearson), ("spearman", Spearman)];
}
