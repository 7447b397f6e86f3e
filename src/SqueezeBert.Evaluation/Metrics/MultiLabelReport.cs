using System.Globalization;
using System.Text.Json;
using SqueezeBert.Evaluation.Metrics;

namespace SqueezeBert.Evaluation;

/// <summary>The result of evaluating a multi-label classifier. Not thread-safe while counting.</summary>
public sealed class MultiLabelReport : IEvaluationReport
{
    private readonly ConfusionMatrix[] _counts;
    private long _exact;

    /// <summary>Creates an empty report.</summary>
    /// <param name="labels">The label names; at least one.</param>
    public MultiLabelReport(IReadOnlyList<string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(labels.Count, 1, nameof(labels));
        Labels = labels;
        _counts = [.. labels.Select(_ => new ConfusionMatrix(2))];
    }

    /// <summary>The label names.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <inheritdoc/>
    public long Examples { get; private set; }

    /// <summary>The share of examples whose labels are all right ("subset accuracy"), 0 to 1. It is 0 without examples.</summary>
    public double ExactMatch => Examples == 0 ? 0 : (double)_exact / Examples;

    /// <summary>Adds an example.</summary>
    /// <param name="labels">Whether the example has each label.</param>
    /// <param name="predictions">Whether each label was predicted.</param>
    public void Add(ReadOnlySpan<bool> labels, ReadOnlySpan<bool> predictions)
    {
        if (labels.Length != Labels.Count) throw new ArgumentException($"{labels.Length} values for {Labels.Count} labels", nameof(labels));
        if (predictions.Length != Labels.Count)
            throw new ArgumentException($"{predictions.Length} values for {Labels.Count} labels", nameof(predictions));
        for (var i = 0; i < labels.Length; i++) _counts[i].Add(labels[i] ? 1 : 0, predictions[i] ? 1 : 0);
        if (labels.SequenceEqual(predictions)) _exact++;
        Examples++;
    }

    /// <summary>Returns the precision, recall, F1 and support of a label.</summary>
    /// <param name="label">The label, from 0.</param>
    public ClassScores Scores(int label) => _counts[label].Scores(1);

    /// <summary>
    /// Returns the F1 of all labels, 0 to 1. The macro mean includes labels that never occur, with 0, as scikit-learn does for label
    /// indicators.
    /// </summary>
    /// <param name="averaging">How the labels are averaged.</param>
    public double F1(Averaging averaging)
    {
        double numerator = 0, denominator = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            var scores = Scores(i);
            if (averaging == Averaging.Micro)
            {
                numerator += 2 * _counts[i][1, 1];
                denominator += scores.Support + scores.Predicted;
                continue;
            }

            var weight = averaging == Averaging.Macro ? 1 : scores.Support;
            numerator += weight * scores.F1;
            denominator += weight;
        }

        return denominator == 0 ? 0 : numerator / denominator;
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, double Value)> Figures()
    {
        yield return ("exact_match", ExactMatch);
        yield return ("macro_f1", F1(Averaging.Macro));
        yield return ("micro_f1", F1(Averaging.Micro));
        yield return ("weighted_f1", F1(Averaging.Weighted));
    }

    /// <summary>
    /// Writes one JSON object: examples, exact_match, macro_f1, micro_f1, weighted_f1, classes [{label, precision, recall, f1, support}].
    /// </summary>
    /// <param name="writer">The writer that receives the object.</param>
    public void WriteJson(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteNumber("examples", Examples);
        foreach (var (name, value) in Figures()) writer.WriteNumber(name, value);
        ClassScoresJson.Write(writer, Labels, Scores);
        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public void WriteText(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write($"examples {Examples.ToString(CultureInfo.InvariantCulture)}\n");
        foreach (var (name, value) in Figures()) writer.Write($"{name} {PlainTable.Percent(value)}\n");
        writer.Write('\n');
        PlainTable.Write(writer, [PlainTable.ClassHeading, .. Labels.Select((label, i) => PlainTable.ClassRow(label, Scores(i)))]);
    }
}
