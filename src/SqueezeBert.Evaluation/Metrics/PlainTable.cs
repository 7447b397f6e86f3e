using System.Globalization;

namespace SqueezeBert.Evaluation;

/// <summary>Tables of the reports in plain text.</summary>
internal static class PlainTable
{
    /// <summary>The heading of <see cref="ClassRow"/>'s rows.</summary>
    public static string[] ClassHeading => ["class", "precision", "recall", "f1", "support"];

    /// <summary>A share in percent with two decimals.</summary>
    public static string Percent(double value) => (100 * value).ToString("F2", CultureInfo.InvariantCulture);

    /// <summary>A label with its scores in percent.</summary>
    public static string[] ClassRow(string label, ClassScores scores) =>
        [label, Percent(scores.Precision), Percent(scores.Recall), Percent(scores.F1), scores.Support.ToString(CultureInfo.InvariantCulture)];

    /// <summary>Rows of equally many cells, the first column to the left, the others to the right.</summary>
    public static void Write(TextWriter writer, IReadOnlyList<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            writer.Write(row[0].PadRight(widths[0]));
            for (var i = 1; i < row.Length; i++) writer.Write($"  {row[i].PadLeft(widths[i])}");
            writer.Write('\n');
        }
    }
}
