using System.Globalization;
using System.Text.Json;
using SqueezeBert.Evaluation.Metrics;

namespace SqueezeBert.Evaluation;

/// <summary>The result of evaluating how well texts of no class are distinguished from others.</summary>
/// <param name="InScope">The number of texts that belong to a class.</param>
/// <param name="OutOfScope">The number of texts that belong to no class.</param>
/// <param name="FalseRefusals">The share of in-scope texts that may be refused.</param>
/// <param name="Detectors">
/// The detectors: "softmax" (one minus the highest score) and "mahalanobis" (the distance of the encoder's vector). Each has the area under
/// the ROC curve, the share of out-of-scope texts that are refused, and the threshold above which a text is refused.
/// </param>
public sealed record OutOfScopeReport(
    int InScope, int OutOfScope, double FalseRefusals,
    IReadOnlyList<(string Name, double Auroc, double Recall, double Threshold)> Detectors)
    : IEvaluationReport
{
    /// <inheritdoc/>
    public long Examples => InScope + OutOfScope;

    /// <inheritdoc/>
    public IEnumerable<(string Name, double Value)> Figures() => Detectors.SelectMany(detector => new[]
    {
        ($"{detector.Name}_auroc", detector.Auroc), ($"{detector.Name}_recall", detector.Recall),
        ($"{detector.Name}_threshold", detector.Threshold),
    });

    /// <summary>Writes one JSON object: in_scope, out_of_scope, false_refusals and the figures.</summary>
    /// <param name="writer">The writer that receives the object.</param>
    public void WriteJson(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteNumber("in_scope", InScope);
        writer.WriteNumber("out_of_scope", OutOfScope);
        writer.WriteNumber("false_refusals", FalseRefusals);
        FiguresJson.Write(writer, Figures());

        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public void WriteText(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(string.Create(CultureInfo.InvariantCulture,
            $"in scope {InScope}\nout of scope {OutOfScope}\nfalse refusals allowed {100 * FalseRefusals:F2}\n\n"));
        PlainTable.Write(writer, [["detector", "auroc", "refused", "threshold"], .. Detectors.Select(detector => (string[])[
            detector.Name, PlainTable.Percent(detector.Auroc), PlainTable.Percent(detector.Recall),
            detector.Threshold.ToString("G5", CultureInfo.InvariantCulture)])]);
    }
}
