using System.Globalization;

namespace SqueezeBert.Evaluation.Metrics;

/// <summary>Tables in plain text, and the cells of the reports.</summary>
internal static class PlainTable
{
    /// <summary>The heading of <see cref="ClassRow"/>'s rows.</summary>
    public static string[] ClassHeading => ["class", "precision", "recall", "f1", "support"];

    /// <summary>A share in percent with two decimals.</summary>
    public static string Percent(double value) => (100 * value).ToString("F2", CultureInfo.InvariantCulture);

    /// <summary>A label with its scores in percent.</summary>
    public static string[] ClassRow(string label, ClassScores scores) =>
        [label, Percent(scores.Precision), Percent(scores.Recall), Percent(scores.F1),
            scores.Support.ToString(CultureInfo.InvariantCulture)];

    /// <summary>Rows of equally many cells, the first column to the left, the others to the right.</summary>
    public static void Write(TextWriter writer, IReadOnlyList<string[]> rows) => Write(writer, rows, static column => column > 0);

    /// <summary>Rows of equally many cells, two spaces apart, columns as wide as their widest cell.</summary>
    /// <param name="writer">Takes the lines, which end in LF and have no space at their end.</param>
    /// <param name="rows">With the heading, if there is one.</param>
    /// <param name="isRight">Whether a column is set on the right.</param>
    public static void Write(TextWriter writer, IReadOnlyList<string[]> rows, Func<int, bool> isRight)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            var cells = row.Select((cell, column) => isRight(column) ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            writer.Write(string.Join("  ", cells).TrimEnd());
            writer.Write('\n');
        }
    }
}
