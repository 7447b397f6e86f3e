using System.Globalization;
using System.Text.Json;
using SqueezeBert.Evaluation.Metrics;

namespace SqueezeBert.Evaluation;

/// <summary>The result of evaluating a classifier.</summary>
public sealed class ClassificationReport : IEvaluationReport
{
    // A matrix of more does not fit a screen, and most of it is zeros.
    private const int MaxMatrixClasses = 12;

    private const int WorstShown = 20;

    /// <summary>Creates the report.</summary>
    /// <param name="labels">The class names, in the order of the matrix.</param>
    /// <param name="matrix">The confusion matrix.</param>
    public ClassificationReport(IReadOnlyList<string> labels, ConfusionMatrix matrix)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(matrix);
        if (labels.Count != matrix.ClassCount)
            throw new ArgumentException($"{labels.Count} labels for {matrix.ClassCount} classes", nameof(labels));
        Labels = labels;
        Matrix = matrix;
    }

    /// <summary>The class names.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The confusion matrix: the counts of each label and prediction.</summary>
    public ConfusionMatrix Matrix { get; }

    /// <inheritdoc/>
    public long Examples => Matrix.Count;

    /// <summary>
    /// The class whose F1 is reported as "f1" if there are two classes (default 1). The second class is also used by GLUE (MRPC, QQP).
    /// </summary>
    public int PositiveClass { get; init; } = 1;

    /// <summary>
    /// Writes one JSON object: examples, accuracy, matthews, f1 (two classes only), macro_f1, micro_f1, weighted_f1, classes [{label,
    /// precision, recall, f1, support}], confusion {labels, counts [label][prediction]}.
    /// </summary>
    /// <param name="writer">The writer that receives the object.</param>
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

    /// <summary>Returns the name and value of each figure, -1 to 1, in the order of the report.</summary>
    public IEnumerable<(string Name, double Value)> Figures()
    {
        yield return ("accuracy", Matrix.Accuracy);
        yield return ("matthews", Matrix.Matthews);
        if (Labels.Count == 2) yield return ("f1", Matrix.Scores(PositiveClass).F1);
        yield return ("macro_f1", Matrix.F1(Averaging.Macro));
        yield return ("micro_f1", Matrix.F1(Averaging.Micro));
        yield return ("weighted_f1", Matrix.F1(Averaging.Weighted));
    }

    /// <summary>Returns the table of classes with a heading row: label, precision, recall and F1 in percent, and support.</summary>
    public IEnumerable<string[]> ClassRows()
    {
        yield return PlainTable.ClassHeading;
        for (var i = 0; i < Labels.Count; i++) yield return PlainTable.ClassRow(Labels[i], Matrix.Scores(i));
    }

    /// <summary>Returns the confusion matrix with a heading row. Each row is a label, and each column is a prediction.</summary>
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
    /// Returns the most frequent confusions with a heading row: label, prediction, examples, and the share of the label's examples in
    /// percent. Equally frequent confusions are in the order of the matrix.
    /// </summary>
    /// <param name="count">The largest number of confusions.</param>
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
    /// Writes the report as aligned plain text: the figures, the classes and the confusion matrix. For more than twelve classes, the twenty
    /// most frequent confusions replace the matrix.
    /// </summary>
    /// <param name="writer">The writer that receives the text.</param>
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
