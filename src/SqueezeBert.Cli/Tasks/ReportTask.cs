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

    /// <summary>The model's score in [-1, 1]; null where it has no head for the task, or other labels.</summary>
    public abstract double? Measure(InferenceModel model, CancellationToken cancellationToken);

    /// <summary>What goes without a network; null where nothing is compared.</summary>
    public virtual double? MeasureBaseline(CancellationToken cancellationToken) => null;

    /// <summary>Whether a model's own head is the one of a task, by the class names of its configuration.</summary>
    protected static bool HasHead(InferenceModel model, string suffix) =>
        model.Configuration.Architectures.FirstOrDefault()?.EndsWith(suffix, StringComparison.Ordinal) == true;
}
