using SqueezeBert.Cli.Slices;
using SqueezeBert.Cli.Tasks;

namespace SqueezeBert.Cli.Reports;

/// <summary>A slice and how two models differ on it.</summary>
internal sealed record SliceRow(ExampleSlice Slice, PairedDifference Difference);

/// <summary>Where a model differs from the first one, on a task.</summary>
/// <param name="Task">The task.</param>
/// <param name="Model">The model's place in the report, from 1.</param>
/// <param name="Rule">What makes a word rare.</param>
/// <param name="Rows">A row a slice.</param>
internal sealed record SliceReport(string Task, int Model, string Rule, IReadOnlyList<SliceRow> Rows)
{
    private const int Seed = 42;

    /// <summary>Compares each other model with the first, on every task of which both have outcomes.</summary>
    /// <param name="tasks">The tasks.</param>
    /// <param name="models">Results of each model in the order of the tasks.</param>
    /// <param name="vocabulary">Rare words of tasks without a training file.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static IReadOnlyList<SliceReport> All(
        IReadOnlyList<ReportTask> tasks, IReadOnlyList<IReadOnlyList<TaskResult?>> models, Func<RareWords> vocabulary,
        CancellationToken cancellationToken)
    {
        var reports = new List<SliceReport>();
        foreach (var (place, task) in tasks.Index())
        {
            if (models[0][place]?.Outcomes is not { } first) continue;
            var others = models.Index().Skip(1).Where(model => model.Item[place]?.Outcomes is not null).ToList();
            if (others.Count == 0) continue;
            var rare = task.TrainingTexts(cancellationToken) is { } texts ? RareWords.ByTraining(texts) : vocabulary();
            var slices = ExampleSlices.Of(task.Examples, rare, cancellationToken);
            reports.AddRange(others.Select(model => new SliceReport(task.Name, model.Index, rare.Rule, [.. slices.Select(
                slice => new SliceRow(slice, PairedDifference.Of(
                    first, model.Item[place]!.Outcomes!, slice.Examples, Seed, cancellationToken)))])));
        }

        return reports;
    }
}
