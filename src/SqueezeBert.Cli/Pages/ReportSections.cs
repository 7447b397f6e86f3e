using System.Globalization;
using System.Xml.Linq;
using SqueezeBert.Cli.Reports;
using SqueezeBert.Cli.Tasks;
using SqueezeBert.Measuring;
using static SqueezeBert.Cli.Pages.PageElements;

namespace SqueezeBert.Cli.Pages;

/// <summary>The parts of the page with plots, and the table that they are drawn from.</summary>
internal static class ReportSections
{
    /// <summary>All scores beside what models cost.</summary>
    public static XElement Scores(ReportContent content, ReportNames names)
    {
        IReadOnlyList<PageCell> headings = ["model", .. TaskReport.CostHeadings.Select(Cell),
            .. content.Tasks.Select(task => Cell($"{task.Name} ({task.Figure})"))];
        var rows = content.Models.Select((model, number) => (IReadOnlyList<PageCell>)
                [names.Models[number], .. TaskReport.CostCells(model.Cost).Select(Cell), .. ScoreCells(model.Results)])
            .Concat(content.Baselines.Select((baseline, number) => (IReadOnlyList<PageCell>)
                [names.Baselines[number], .. TaskReport.CostHeadings.Select(_ => Cell("-")), .. ScoreCells(baseline.Results)]));
        return Section("scores", "Scores and costs",
            Table("scores-table", "What each model reaches on each task, in hundredths, and what it costs", headings, rows),
            Element("p", Class("note"), "A dash: the model has no head or no labels for the task. Models: "
                + string.Join("; ", names.Models.Zip(names.Full, (name, full) => name == full ? name : $"{name} is {full}")) + "."));

        static PageCell Cell(string text) => text;

        static IEnumerable<PageCell> ScoreCells(IReadOnlyList<TaskResult?> results) =>
            results.Select(result => Cell(TaskReport.Score(result?.Score)));
    }

    /// <summary>Accuracy against latency, a plot a task; null where nothing was timed.</summary>
    public static XElement? Latency(ReportContent content, ReportNames names)
    {
        // Tiny models do not read 128 tokens.
        var isRead = content.Models.Any(model => Time(model, ModelComparison.FlopTokens) is not null);
        var tokens = isRead ? ModelComparison.FlopTokens : ModelComparison.Lengths[0];
        return Plots(
            "latency", "Accuracy against latency", content, "a mark further up answers better, one further left sooner",
            (task, name) => Points(content, names, task, tokens).Where(point => point.Milliseconds is not null).ToList()
                is { Count: > 0 } points
                    ? ReportPlots.Latency($"latency-{Number(task)}", $"{name}: score against time", tokens, points) : null);
    }

    /// <summary>A bar a model and baseline, a plot a task.</summary>
    public static XElement? Bars(ReportContent content, ReportNames names) => Plots(
        "tasks", "Scores by task", content, "a bar a model, and what goes without a network",
        (task, name) => Points(content, names, task) is { Count: > 0 } points
            ? ReportPlots.Bars($"bars-{Number(task)}", $"{name}: score of each model", points) : null);

    /// <summary>How the training of each model went; null where no folder has it.</summary>
    public static XElement? Curves(ReportContent content, ReportNames names)
    {
        var figures = new List<XElement>();
        foreach (var (number, model) in content.Models.Index())
        {
            if (model.Curve is not { } curve) continue;
            var heldOut = new PlotCurve("held-out", 1, curve.Evaluation);
            Add("loss", new PlotCurve("training", 0, curve.Training), heldOut);
            Add("accuracy", heldOut with { Points = curve.Accuracy });

            void Add(string figure, params PlotCurve[] curves)
            {
                IReadOnlyList<PlotCurve> there = [.. curves.Where(one => one.Points.Count > 0)];
                if (there.Count == 0) return;
                var title = $"{names.Models[number]}: {figure} while it was trained";
                var keys = there.Select(one => Element(
                    "span", Class("key"), new XAttribute("style", $"--c: var(--s{Number(one.Series)})"), one.Name));
                figures.Add(Figure(
                    ReportPlots.Curves($"curve-{Number(number)}-{figure}", title, figure, there), title, Element("br"), keys));
            }
        }

        return figures.Count == 0 ? null : Section("curves", "Learning curves",
            Element("p", Class("note"), $"From {LearningCurve.FileName} in the models' folders."), Element("div", Class("plots"), figures));
    }

    private static XElement? Plots(
        string id, string heading, ReportContent content, string note, Func<int, string, XElement?> draw)
    {
        var figures = content.Tasks.Select((task, number) => (Name: $"{task.Name} ({task.Figure})", Svg: draw(number, Text(task.Name))))
            .Where(plot => plot.Svg is not null).Select(plot => Figure(plot.Svg!, Text(plot.Name))).ToList();
        return figures.Count == 0 ? null : Section(id, heading,
            Element("p", Class("note"), $"In each plot {note}. The numbers are in the table above."),
            Element("div", Class("plots"), figures));
    }

    private static List<PlotPoint> Points(ReportContent content, ReportNames names, int task, int tokens = 0)
    {
        var models = content.Models.Select((model, number) => (model.Results, Series: number, Time: Time(model, tokens)));
        var baselines = content.Baselines.Select((baseline, number) =>
            (baseline.Results, Series: content.Models.Count + number, Time: (double?)null));
        return [.. models.Concat(baselines).Where(one => one.Results[task] is { } result && double.IsFinite(result.Score))
            .Select(one => new PlotPoint(names.Labels[one.Series], one.Series, 100 * one.Results[task]!.Score, one.Time))];
    }

    private static double? Time(ReportedModel model, int tokens) =>
        model.Cost.Times.FirstOrDefault(time => time.Tokens == tokens)?.Milliseconds;

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
