using System.Globalization;
using System.Text.Json;
using SqueezeBert.Evaluation.Metrics;

namespace SqueezeBert.Evaluation;

/// <summary>What an evaluation says about a classifier.</summary>
public sealed class ClassificationReport : IEvaluationReport
{
    // A matrix of more does not fit a screen, and most of it is zeros.
    private const int MaxMatrixClasses = 12;

    private const int WorstShown = 20;

    /// <summary>Creates the report.</summary>
    /// <param name="labels">Class names in the order of the matrix.</param>
    /// <param name="matrix">The counts.</param>
    public ClassificationReport(IReadOnlyList<string> labels, ConfusionMatrix matrix)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(matrix);
        if (labels.Count != matrix.ClassCount)
            throw new ArgumentException($"{labels.Count} labels for {matrix.ClassCount} classes", nameof(labels));
        Labels = labels;
        Matrix = matrix;
    }

    /// <summary>Class names.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Counts of (label, prediction).</summary>
    public ConfusionMatrix Matrix { get; }

    /// <inheritdoc/>
    public long Examples => Matrix.Count;

    /// <summary>
    /// The class whose F1 is reported as "f1" where there are two classes: the second, as in GLUE (MRPC, QQP).
    /// </summary>
    public int PositiveClass { get; init; } = 1;

    /// <summary>
    /// Writes one object: examples, accuracy, matthews, f1 (two classes only), macro_f1, micro_f1, weighted_f1, classes [{label, precision,
    /// recall, f1, support}], confusion {labels, counts [label][prediction]}.
    /// </summary>
    public void WriteJson(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteNumber("examples", Matrix.Count);
        foreach (var (name, value) in Figures()) writer.WriteNumber(name, value);
        ClassScoresJson.Write(writer, Labels, Matrix.Scores);
        writer.WriteStartObject("confusion");
        writer.WriteStartArray("labels");
        foreach (var label in Labels) writer.WriteStringValue(label);
        writer.WriteEndArray();
        writer.WriteStartArray("counts");
        for (var i = 0; i < Labels.Count; i++)
        {
            writer.WriteStartArray();
            for (var j = 0; j < Labels.Count; j++) writer.WriteNumberValue(Matrix[i, j]);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Name and value of each figure, in [-1, 1], in the order of the report.</summary>
    public IEnumerable<(string Name, double Value)> Figures()
    {
        yield return ("accuracy", Matrix.Accuracy);
        yield return ("matthews", Matrix.Matthews);
        if (Labels.Count == 2) yield return ("f1", Matrix.Scores(PositiveClass).F1);
        yield return ("macro_f1", Matrix.F1(Averaging.Macro));
        yield return ("micro_f1", Matrix.F1(Averaging.Micro));
        yield return ("weighted_f1", Matrix.F1(Averaging.Weighted));
    }

    /// <summary>The table of classes, its heading first: label, precision, recall, F1 in percent, support.</summary>
    public IEnumerable<string[]> ClassRows()
    {
        yield return PlainTable.ClassHeading;
        for (var i = 0; i < Labels.Count; i++) yield return PlainTable.ClassRow(Labels[i], Matrix.Scores(i));
    }

    /// <summary>The confusion matrix, its heading first: a row a label, a column a prediction.</summary>
    public IEnumerable<string[]> ConfusionRows()
    {
        yield return ["label \\ predicted", .. Labels];
        for (var i = 0; i < Labels.Count; i++)
        {
            var label = i;
            yield return [Labels[i],
                .. Enumerable.Range(0, Labels.Count).Select(j => Matrix[label, j].ToString(CultureInfo.InvariantCulture))];
        }
    }

    /// <summary>
    /// The most frequent confusions, their heading first: label, prediction, examples, share of the label's examples in percent. Of equally
    /// frequent ones, the first of the matrix.
    /// </summary>
    /// <param name="count">How many at most.</param>
    public IEnumerable<string[]> WorstConfusions(int count)
    {
        yield return ["label", "predicted", "examples", "of label"];
        var cells = from label in Enumerable.Range(0, Labels.Count)
                    from prediction in Enumerable.Range(0, Labels.Count)
                    where label != prediction && Matrix[label, prediction] > 0
                    orderby Matrix[label, prediction] descending
                    select (label, prediction);
        foreach (var (label, prediction) in cells.Take(count))
        {
            var examples = Matrix[label, prediction];
            yield return [Labels[label], Labels[prediction], examples.ToString(CultureInfo.InvariantCulture),
                PlainTable.Percent((double)examples / Matrix.Scores(label).Support)];
        }
    }

    /// <summary>
    /// Writes the report as aligned plain text: the figures, the classes, and the confusion matrix, or of more than twelve classes the
    /// twenty worst confusions.
    /// </summary>
    public void WriteText(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write($"examples {Matrix.Count.ToString(CultureInfo.InvariantCulture)}\n");
        foreach (var (name, value) in Figures()) writer.Write($"{name} {PlainTable.Percent(value)}\n");
        writer.Write('\n');
        PlainTable.Write(writer, [.. ClassRows()]);
        writer.Write('\n');
        if (Labels.Count <= MaxMatrixClasses) PlainTable.Write(writer, [.. ConfusionRows()]);
        else PlainTable.Write(writer, [.. WorstConfusions(WorstShown)], static column => column > 1);
    }
}
