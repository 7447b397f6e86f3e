using System.Globalization;
using System.Text.Json.Nodes;
using SqueezeBert.Cli.Tasks;
using SqueezeBert.Measuring;

namespace SqueezeBert.Cli.Reports;

/// <summary>Writes a report as Markdown, for a document, and as JSON, for programs.</summary>
internal sealed class TaskReport(ReportContent content)
{
    private const double Mega = 1e6;

    /// <summary>The headings of what a model costs.</summary>
    public static IReadOnlyList<string> CostHeadings { get; } =
    [
        "parameters", $"M multiply-adds at {ModelComparison.FlopTokens}", "file MB",
        .. ModelComparison.Lengths.Select(length => $"ms at {length}"),
    ];

    /// <summary>The headings of slices.</summary>
    public static IReadOnlyList<string> SliceHeadings { get; } =
        ["slice", "examples", "first", "this", "difference", "95 % from", "to", "only first", "only this", "McNemar's p"];

    /// <summary>What a model costs, by <see cref="CostHeadings"/>.</summary>
    public static IReadOnlyList<string> CostCells(ModelMeasurement cost) =>
    [
        cost.Parameters.ToString("N0", CultureInfo.InvariantCulture), Number(cost.Flops / (2 * Mega), 0), Number(cost.FileBytes / Mega, 1),
        .. cost.Times.Select(time => Number(time.Milliseconds, 2)),
    ];

    /// <summary>A slice, by <see cref="SliceHeadings"/>.</summary>
    public static IReadOnlyList<string> SliceCells(SliceRow row)
    {
        var difference = row.Difference;
        return
        [
            row.Slice.Name, Number(difference.Examples, 0), Number(100 * difference.First, 2), Number(100 * difference.Second, 2),
            Signed(difference.Difference), Signed(difference.Low), Signed(difference.High), Number(difference.OnlyFirst, 0),
            Number(difference.OnlySecond, 0), difference.PValue is < 0.0001 ? "< 0.0001" : Number(difference.PValue, 4),
        ];

        static string Signed(double value) => (100 * value).ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture);
    }

    /// <summary>A score in hundredths; "-" for none.</summary>
    public static string Score(double? score) => Number(100 * score, 2);

    /// <summary>A published figure as its source has it, in at least one decimal; "-" for none.</summary>
    public static string Published(PublishedColumn column, (string Set, string Figure) row) =>
        column.Values.TryGetValue(row, out var value) ? value.ToString("0.0#", CultureInfo.InvariantCulture) : "-";

    /// <summary>
    /// Writes Markdown: a row a model, scores in hundredths, "-" where a model does not fit a task; published figures beside them; where
    /// each other model differs from the first.
    /// </summary>
    public void WriteMarkdown(TextWriter output)
    {
        Row(["model", .. CostHeadings, .. content.Tasks.Select(task => $"{task.Name} ({task.Figure})")]);
        Row(["---", .. Enumerable.Repeat("---:", CostHeadings.Count + content.Tasks.Count)]);
        foreach (var model in content.Models) Row([model.Cost.Path, .. CostCells(model.Cost), .. Scores(model.Results)]);
        foreach (var baseline in content.Baselines)
            Row([$"{baseline.Name} (no network)", .. CostHeadings.Select(_ => "-"), .. Scores(baseline.Results)]);
        if (content.PublishedRows.Count > 0) WritePublished();
        foreach (var slices in content.Slices)
        {
            output.Write($"\n{slices.Task}: {Escape(content.Models[slices.Model].Cost.Path)} (this) against " +
                $"{Escape(content.Models[0].Cost.Path)} (first); {slices.Rule}\n\n");
            Row(SliceHeadings);
            Row(["---", .. Enumerable.Repeat("---:", SliceHeadings.Count - 1)]);
            foreach (var row in slices.Rows) Row(SliceCells(row));
        }

        void WritePublished()
        {
            var columns = content.PublishedColumns;
            output.Write("\nBeside what others have published (theirs, not measured here)\n\n");
            Row(["figure", .. content.Models.Select(model => model.Cost.Path),
                .. columns.Select((column, number) => $"{column.Model}, {column.Split}, theirs [{number + 1}]")]);
            Row(["---", .. Enumerable.Repeat("---:", content.Models.Count + columns.Count)]);
            foreach (var row in content.PublishedRows)
            {
                Row([$"{row.Set} ({row.Figure})",
                    .. content.Models.Select(model => Score(ReportContent.Figure(model.Results, row))),
                    .. columns.Select(column => Published(column, row))]);
            }

            output.Write('\n');
            foreach (var (number, column) in columns.Index()) output.Write($"- [{number + 1}] {column.Source}\n");
        }

        void Row(IReadOnlyList<string> cells) => output.Write($"| {string.Join(" | ", cells.Select(Escape))} |\n");

        static string Escape(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
    }

    /// <summary>
    /// An object a model: that of `compare` with "multiply_adds", "scores" [{task, figure, score}] and, of models after the first,
    /// "slices"; then one for each of what needs no network and of what others have published.
    /// </summary>
    public IEnumerable<JsonObject> Json()
    {
        foreach (var (number, model) in content.Models.Index())
        {
            var json = ComparisonReport.Json(model.Cost);
            json["multiply_adds"] = new JsonObject { ["tokens"] = ModelComparison.FlopTokens, ["count"] = model.Cost.Flops / 2 };
            json["scores"] = JsonScores(model.Results);
            if (number > 0) json["slices"] = JsonSlices(number);
            yield return json;
        }

        foreach (var baseline in content.Baselines)
            yield return new JsonObject { ["model"] = baseline.Name, ["scores"] = JsonScores(baseline.Results) };
        foreach (var column in content.PublishedColumns)
        {
            yield return new JsonObject
            {
                ["model"] = column.Model,
                ["published"] = column.Source,
                ["split"] = column.Split,
                ["scores"] = new JsonArray([.. content.PublishedRows.Where(column.Values.ContainsKey).Select(row => new JsonObject
                {
                    ["task"] = row.Set,
                    ["figure"] = row.Figure,
                    ["score"] = Math.Round(column.Values[row] / 100, 6),
                })]),
            };
        }
    }

    private static string Number(double? value, int digits) =>
        value is { } number && double.IsFinite(number) ? number.ToString($"N{digits}", CultureInfo.InvariantCulture) : "-";

    private static IEnumerable<string> Scores(IReadOnlyList<TaskResult?> results) => results.Select(result => Score(result?.Score));

    private JsonArray JsonSlices(int model) => new([.. from slices in content.Slices
        where slices.Model == model
        from row in slices.Rows
        let difference = row.Difference
        select new JsonObject
        {
            ["task"] = slices.Task,
            ["kind"] = row.Slice.Kind,
            ["slice"] = row.Slice.Name,
            ["examples"] = difference.Examples,
            ["first"] = difference.First,
            ["this"] = difference.Second,
            ["difference"] = difference.Difference,
            ["low"] = difference.Low,
            ["high"] = difference.High,
            ["only_first"] = difference.OnlyFirst,
            ["only_this"] = difference.OnlySecond,
            ["mcnemar_p"] = difference.PValue,
        }]);

    private JsonArray JsonScores(IReadOnlyList<TaskResult?> results) => new([.. content.Tasks.Zip(results, (task, result) => new JsonObject
    {
        ["task"] = task.Name,
        ["figure"] = task.Figure,
        ["score"] = result?.Score is { } number && double.IsFinite(number) ? number : null,
    })]);
}
