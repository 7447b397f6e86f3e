namespace SqueezeBert.Training.Data;

/// <summary>
/// The data of a stage: the training and the held-out examples, with the weight of each training example's file. Tasks derive classes with
/// further data for their figures.
/// </summary>
internal class StageData
{
    public ExampleSet Train { get; protected init; } = new();

    public ExampleSet HeldOut { get; protected init; } = new();

    /// <summary>How often each example of <see cref="Train"/> is used per epoch.</summary>
    public List<float> Weights { get; } = [];

    /// <summary>The data sets of the stage: only this one, unless a stage learns from several.</summary>
    public virtual IReadOnlyList<StageData> Parts => [this];

    /// <summary>The label names, in the order of their ids. Empty for masked language.</summary>
    public IReadOnlyList<string> Labels { get; set; } = [];
}
