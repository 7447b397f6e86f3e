using System.Globalization;
using System.Xml.Linq;
using SqueezeBert.Cli.Reports;
using SqueezeBert.Cli.Slices;
using SqueezeBert.Evaluation;
using static SqueezeBert.Cli.Pages.PageElements;

namespace SqueezeBert.Cli.Pages;

/// <summary>The parts of the page that are tables.</summary>
internal static class ReportTables
{
    private const int MaxClasses = 12;

    /// <summary>Figures beside published ones; null where none is published.</summary>
    public static XElement? Published(ReportContent content, ReportNames names)
    {
        if (content.PublishedRows.Count == 0) return null;
        var columns = content.PublishedColumns;
        IReadOnlyList<PageCell> headings = ["figure", .. names.Models.Select(name => new PageCell(name)),
            .. columns.Select((column, number) => new PageCell(
                $"{column.Model}, {column.Split}, published by others [{(number + 1).ToString(CultureInfo.InvariantCulture)}]", "theirs"))];
        var rows = content.PublishedRows.Select(row => (IReadOnlyList<PageCell>)
        [
            $"{row.Set} ({row.Figure})",
            .. content.Models.Select(model => new PageCell(TaskReport.Score(ReportContent.Figure(model.Results, row)))),
            .. columns.Select(column => new PageCell(TaskReport.Published(column, row), "theirs")),
        ]);
        return Section("published", "Beside published figures",
            Table("published-table", "Measured here, and in italics as others have published", headings, rows),
            Element("p", Class("note"), "Columns in italics are not measured here. Test is the leaderboard's own set, not the dev set. " +
                "Figures of two sources come from different runs: compare columns of one source with each other."),
            Element("ol", Class("note"), columns.Select(column => Element("li", $"{column.Model}, {column.Split}: {column.Source}"))));
    }

    /// <summary>Where each other model differs from the first; null where nothing is compared.</summary>
    public static XElement? Slices(ReportContent content, ReportNames names)
    {
        if (content.Slices.Count == 0) return null;
        var tables = content.Slices.Select((slices, number) => Table(
            $"slices-{number.ToString(CultureInfo.InvariantCulture)}",
            $"{slices.Task}: {names.Models[slices.Model]} (this) against {names.Models[0]} (first); {slices.Rule}",
            [.. TaskReport.SliceHeadings.Select(heading => new PageCell(heading))],
            slices.Rows.Select(row => (IReadOnlyList<PageCell>)[.. TaskReport.SliceCells(row).Select((cell, column) => new PageCell(
                cell, column != 4 || !row.Difference.IsClear ? null : row.Difference.Difference < 0 ? "loss" : "win"))])));
        return Section("slices", "Where they differ",
            Element("p", Class("note"), string.Create(CultureInfo.InvariantCulture,
                $"The share of right answers (of questions the mean F1) on parts of each task, in hundredths; the difference is this " +
                $"minus first. Its 95 % interval is a bootstrap of {PairedDifference.Resamples:N0} resamples of the examples with a " +
                $"fixed seed; a difference is bold whose interval has no zero and whose p, where there is one, is below 0.05. Of many " +
                $"slices some are so by chance.")),
            tables);
    }

    /// <summary>Confusion of the classes that are confused most; null where no task has classes.</summary>
    public static XElement? Confusions(ReportContent content, ReportNames names)
    {
        var tables = new List<XElement>();
        var sets = from task in Enumerable.Range(0, content.Tasks.Count)
                   from model in content.Models.Index()
                   from set in model.Item.Results[task]?.Confusions ?? []
                   select (Caption: $"{set.Set}: {names.Models[model.Index]}", set.Report);
        foreach (var (caption, report) in sets)
            tables.Add(Confusion($"confusion-{tables.Count.ToString(CultureInfo.InvariantCulture)}", caption, report));

        return tables.Count == 0 ? null : Section("confusion", "What is taken for what",
            Element("p", Class("note"),
                "A row a label of the file, a column a prediction; the stronger the colour, the larger the share of the label's examples."),
            Element("div", Class("plots"), tables));
    }

    private static XElement Confusion(string id, string caption, ClassificationReport report)
    {
        var matrix = report.Matrix;
        var all = Enumerable.Range(0, report.Labels.Count).ToList();
        var shown = all.Count <= MaxClasses ? all : [.. all.OrderByDescending(Errors).Take(MaxClasses).Order()];
        if (shown.Count < all.Count)
            caption += string.Create(CultureInfo.InvariantCulture, $" (the {shown.Count} classes of {all.Count} with most errors)");
        return Table(id, caption, ["label \\ predicted", .. shown.Select(label => new PageCell(report.Labels[label]))],
            shown.Select(label => (IReadOnlyList<PageCell>)[report.Labels[label], .. shown.Select(prediction => Cell(label, prediction))]));

        long Errors(int label) => all.Where(other => other != label).Sum(other => matrix[label, other] + matrix[other, label]);

        PageCell Cell(int label, int prediction)
        {
            var support = matrix.Scores(label).Support;
            var share = support == 0 ? 0 : (double)matrix[label, prediction] / support;
            return new PageCell(matrix[label, prediction].ToString("N0", CultureInfo.InvariantCulture), "heat",
                string.Create(CultureInfo.InvariantCulture, $"--share: {0.6 * share:0.###}"));
        }
    }
}
