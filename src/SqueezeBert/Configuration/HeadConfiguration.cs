namespace SqueezeBert.Checkpoints;

/// <summary>
/// One named head of a checkpoint that has several heads on one encoder. The head's tensors have the names that transformers uses for its
/// task, with the prefix "heads.NAME.". Its outputs have the names of the task's outputs, with the prefix "NAME.". Immutable.
/// </summary>
/// <param name="Name">The name: 1 to 64 letters, digits, '-' and '_'. Names are unique within a checkpoint.</param>
/// <param name="Task">The task that the head performs.</param>
public sealed record HeadConfiguration(string Name, HeadTask Task)
{
    /// <summary>The label names of a classification head, in the order of their ids. Empty for other heads.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>
    /// How the logits of a text-classification head are interpreted. Null means a sigmoid for a single label and a softmax for several.
    /// </summary>
    public ProblemType? ProblemType { get; init; }

    /// <summary>Like <see cref="ModelConfiguration.CalibrationTemperature"/>, for a text-classification head.</summary>
    public double? CalibrationTemperature { get; init; }

    /// <summary>Like <see cref="ModelConfiguration.HashedNgrams"/>, for a token-classification head.</summary>
    public HashedNgrams? HashedNgrams { get; init; }
}
