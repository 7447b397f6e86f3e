using System.Globalization;
using System.Text.Json;
using SqueezeBert.Evaluation.Metrics;

namespace SqueezeBert.Evaluation;

/// <summary>How the cosines of pairs agree with their labels.</summary>
/// <param name="Count">Pairs.</param>
/// <param name="Pearson">Pearson's correlation; NaN where undefined.</param>
/// <param name="Spearman">Spearman's correlation, equal values sharing the mean of their ranks; NaN where undefined.</param>
public sealed record SimilarityReport(int Count, double Pearson, double Spearman) : IEvaluationReport
{
    /// <inheritdoc/>
    public long Examples => Count;

    /// <summary>Compares cosines with labels, equally long lists.</summary>
    public static SimilarityReport Of(ReadOnlySpan<double> labels, ReadOnlySpan<double> cosines) =>
        new(labels.Length, RegressionMetrics.Pearson(labels, cosines), RegressionMetrics.Spearman(labels, cosines));

    /// <summary>Writes one object: examples, pearson, spearman; null where a figure is undefined.</summary>
    public void WriteJson(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteNumber("examples", Count);
        FiguresJson.Write(writer, Figures());

        writer.WriteEndObject();
    }

    /// <summary>Writes the report as plain text, correlations in hundredths as papers print them.</summary>
    public void WriteText(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write($"pairs {Count.ToString(CultureInfo.InvariantCulture)}\n");
        foreach (var (name, value) in Figures()) writer.Write($"{name} {(100 * value).ToString("F2", CultureInfo.InvariantCulture)}\n");
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, double Value)> Figures() => [("pearson", Pearson), ("spearman", Spearman)];
}
