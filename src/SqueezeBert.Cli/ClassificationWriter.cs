using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Cli;

/// <summary>Writes the answers of `classify`, one a line.</summary>
internal abstract class ClassificationWriter
{
    /// <summary>Writes an answer.</summary>
    /// <param name="text">The text.</param>
    /// <param name="row">The row that it came from, if any.</param>
    /// <param name="answer">What the model says.</param>
    public abstract void Write(string text, Row? row, Classification answer);
}

/// <summary>For people: label, score, the beginning of the text.</summary>
internal sealed class PlainClassificationWriter(TextWriter output, IReadOnlyList<string> labels, int top) : ClassificationWriter
{
    private readonly int _width = labels.Max(label => label.Length);

    public override void Write(string text, Row? row, Classification answer)
    {
        for (var i = 0; i < answer.Labels.Count && i < top; i++)
        {
            output.Write(answer.Labels[i].Label.PadRight(_width));
            output.Write("  ");
            output.Write(answer.Labels[i].Score.ToString("0.0000", CultureInfo.InvariantCulture));
            output.Write("  ");
        }

        if (answer.IsTruncated) output.Write("[truncated] ");
        output.Write(Excerpt.Of(text));
        output.Write('\n');
    }
}

/// <summary>An object a line: label, score, labels, truncated; behind the columns of the row where there is one.</summary>
internal sealed class JsonClassificationWriter(TableWriter output, AnswerColumns columns, int top) : ClassificationWriter
{
    public override void Write(string text, Row? row, Classification answer)
    {
        ReadOnlySpan<TableField> fields =
        [
            new(columns.Label, answer.Label),
            new(columns.Score, Number(answer.Score), IsJson: true),
            new(columns.Labels, $"[{string.Join(',', answer.Labels.Take(top).Select(label => $"{{\"label\":{Quoted(label.Label)},\"score\":{Number(label.Score)}}}"))}]", IsJson: true),
            new(columns.Truncated, answer.IsTruncated ? "true" : "false", IsJson: true),
        ];
        if (row is null) output.WriteRow(fields);
        else output.WriteRow(row, fields);
    }

    // JSON has no word for the NaN of a broken model.
    private static string Number(float value) => float.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "null";

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}

/// <summary>The row as it was, with columns for label and score behind.</summary>
internal sealed class FieldsClassificationWriter(TableWriter output, int top) : ClassificationWriter
{
    private readonly List<TableField> _fields = [];

    public override void Write(string text, Row? row, Classification answer)
    {
        _fields.Clear();
        foreach (var (label, score) in answer.Labels.Take(top))
        {
            _fields.Add(new TableField("", label));
            _fields.Add(new TableField("", score.ToString("R", CultureInfo.InvariantCulture)));
        }

        output.WriteRow(row!, [.. _fields]);
    }
}
