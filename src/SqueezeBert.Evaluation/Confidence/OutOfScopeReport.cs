using System.Globalization;
using System.Text.Json;
using SqueezeBert.Evaluation.Metrics;

namespace SqueezeBert.Evaluation;

/// <summary>How well texts outside of all classes are told from others.</summary>
/// <param name="InScope">Texts of a class.</param>
/// <param name="OutOfScope">Texts of none.</param>
/// <param name="FalseRefusals">The share of texts of a class that may be refused.</param>
/// <param name="Detectors">
/// What tells them: "softmax" (one less the highest score) and "mahalanobis" (distance of the encoder's vector), each with the area under
/// the ROC curve, the share of texts out of scope that are refused, and the threshold above which a text is.
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

    /// <summary>Writes one object: in_scope, out_of_scope, false_refusals, the figures.</summary>
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
