using SqueezeBert.Cli.Tasks;
using SqueezeBert.Measuring;

namespace SqueezeBert.Cli.Reports;

/// <summary>A task of a report.</summary>
/// <param name="Name">What the report calls it.</param>
/// <param name="Figure">The figure that is its score.</param>
internal sealed record ReportedTask(string Name, string Figure);

/// <summary>A model of a report.</summary>
/// <param name="Cost">What it costs.</param>
/// <param name="Results">Its result on each task; null where it has no head for one.</param>
/// <param name="Curve">How its training went; null where its folder does not say.</param>
internal sealed record ReportedModel(ModelMeasurement Cost, IReadOnlyList<TaskResult?> Results, LearningCurve? Curve = null);

/// <summary>What goes without a network.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Results">Its result on each task; null where it takes no part.</param>
internal sealed record ReportedBaseline(string Name, IReadOnlyList<TaskResult?> Results);

/// <summary>All that a report says, before it is written in any form.</summary>
/// <param name="Tasks">The tasks in their order.</param>
/// <param name="Models">The models in the order of the command line.</param>
/// <param name="Baselines">What goes without a network.</param>
/// <param name="Slices">Where each other model differs from the first.</param>
internal sealed record ReportContent(
    IReadOnlyList<ReportedTask> Tasks, IReadOnlyList<ReportedModel> Models, IReadOnlyList<ReportedBaseline> Baselines,
    IReadOnlyList<SliceReport> Slices)
{
    /// <summary>The models' figures of which others have published some, in the order of the tasks.</summary>
    public IReadOnlyList<(string Set, string Figure)> PublishedRows =>
        [.. Models.SelectMany(model => model.Results).OfType<TaskResult>().SelectMany(result => result.Figures)
            .Select(figure => (figure.Set, figure.Figure)).Distinct()
            .Where(row => PublishedFigures.All.Any(column => column.Values.ContainsKey(row)))
            .OrderBy(row => Tasks.Index().First(task => IsOf(row.Set, task.Item.Name)).Index)];

    /// <summary>The columns that have any of the rows.</summary>
    public IReadOnlyList<PublishedColumn> PublishedColumns
    {
        get
        {
            var rows = PublishedRows;
            return [.. PublishedFigures.All.Where(column => rows.Any(column.Values.ContainsKey))];
        }
    }

    /// <summary>A figure of some results; null where none of them has it.</summary>
    public static double? Figure(IReadOnlyList<TaskResult?> results, (string Set, string Figure) row) =>
        results.OfType<TaskResult>().SelectMany(result => result.Figures)
            .Where(figure => (figure.Set, figure.Figure) == row).Select(figure => (double?)figure.Value).FirstOrDefault();

    private static bool IsOf(string set, string task) => set == task || set.StartsWith($"{task}-", StringComparison.Ordinal);
}
