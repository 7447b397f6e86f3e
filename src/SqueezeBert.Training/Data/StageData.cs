namespace SqueezeBert.Training.Data;

/// <summary>
/// The data of a stage: what trains and what is held out, with the weight of each training example's file. Tasks derive from it what else
/// their figures need.
/// </summary>
internal class StageData
{
    public ExampleSet Train { get; protected init; } = new();

    public ExampleSet HeldOut { get; protected init; } = new();

    /// <summary>How often each example of <see cref="Train"/> takes part in an epoch.</summary>
    public List<float> Weights { get; } = [];

    /// <summary>The data sets that it consists of: itself, unless a stage learns from several.</summary>
    public virtual IReadOnlyList<StageData> Parts => [this];

    /// <summary>Label names by id; empty for masked language.</summary>
    public IReadOnlyList<string> Labels { get; set; } = [];
}
