using SqueezeBert.Checkpoints;
using SqueezeBert.Cli.Slices;
using SqueezeBert.Evaluation;
using SqueezeBert.Evaluation.Glue;

namespace SqueezeBert.Cli.Tasks;

/// <summary>Something that models can be measured on, of a folder of tasks.</summary>
/// <param name="name">What the report calls it.</param>
/// <param name="figure">The figure that is reported.</param>
internal abstract class ReportTask(string name, string figure)
{
    /// <summary>What the report calls it.</summary>
    public string Name { get; } = name;

    /// <summary>The figure that is reported.</summary>
    public string Figure { get; } = figure;

    /// <summary>What is beside the models: no network at all.</summary>
    public virtual string? BaselineName => null;

    /// <summary>The texts behind <see cref="TaskResult.Outcomes"/>; none where the task has no such outcomes.</summary>
    public virtual IReadOnlyList<SliceExample> Examples => [];

    /// <summary>The model's result; null where it has no head for the task, or other labels.</summary>
    public abstract TaskResult? Measure(InferenceModel model, CancellationToken cancellationToken);

    /// <summary>What goes without a network; null where nothing is compared.</summary>
    public virtual TaskResult? MeasureBaseline(CancellationToken cancellationToken) => null;

    /// <summary>The texts that the task's models learn from; null where the folder does not have them.</summary>
    public virtual IEnumerable<SliceExample>? TrainingTexts(CancellationToken cancellationToken) => null;

    /// <summary>
    /// The head of a model that a task is measured by: one that is called like the task, in any case and with any hyphens; without one, the
    /// head of the model's class; null where the model has neither.
    /// </summary>
    protected MeasuredHead? HeadOf(InferenceModel model, HeadTask task)
    {
        var named = model.Configuration.NamedHeads.FirstOrDefault(
            head => head.Task == task && LooseName.Of(head.Name) == LooseName.Of(Name));
        if (named is not null) return new MeasuredHead(named.Name, named.Labels);
        var suffix = task switch
        {
            HeadTask.TextClassification => "ForSequenceClassification",
            HeadTask.TokenClassification => "ForTokenClassification",
            _ => "ForQuestionAnswering",
        };
        var isOwn = model.Configuration.Architectures.FirstOrDefault()?.EndsWith(suffix, StringComparison.Ordinal) == true;
        return isOwn ? new MeasuredHead(null, model.Configuration.Labels) : null;
    }

    /// <summary>A figure of a report by its name.</summary>
    protected static double FigureOf(IEvaluationReport report, string name) =>
        report.Figures().First(figure => figure.Name == name).Value;

    /// <summary>The result of a task that has one set and one figure.</summary>
    protected TaskResult Of(IEvaluationReport report)
    {
        var value = FigureOf(report, Figure);
        return new TaskResult(value, [new SetFigure(Name, Figure, value)]);
    }
}

/// <summary>The head of a model that a task is measured by.</summary>
/// <param name="Name">Its name; null for the head of the model's class.</param>
/// <param name="Labels">Its labels.</param>
internal sealed record MeasuredHead(string? Name, IReadOnlyList<string> Labels);
