namespace SqueezeBert.Checkpoints;

/// <summary>
/// A named head of a checkpoint with several of them on one encoder. Its tensors are called as those of transformers' head for the task,
/// behind "heads.NAME.", and its outputs as the task's, behind "NAME.". Immutable.
/// </summary>
/// <param name="Name">1 to 64 letters, digits, '-' and '_'; each head of a checkpoint has another.</param>
/// <param name="Task">What it answers.</param>
public sealed record HeadConfiguration(string Name, HeadTask Task)
{
    /// <summary>Label names by id, of a head that classifies; empty for the others.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>What the logits of a head for texts mean; null: a sigmoid of one label, else a single label of several.</summary>
    public ProblemType? ProblemType { get; init; }

    /// <summary>As <see cref="ModelConfiguration.CalibrationTemperature"/>, of a head for texts.</summary>
    public double? CalibrationTemperature { get; init; }
}
