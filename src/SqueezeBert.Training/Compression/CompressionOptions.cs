namespace SqueezeBert.Training;

/// <summary>What a compression measures, how much it may lose and whether it trains in between.</summary>
public sealed record CompressionOptions
{
    /// <summary>Labelled texts or pairs of the task, in a table. Their labels are the model's names or numbers.</summary>
    public required DataSource Data { get; init; }

    /// <summary>What the data write instead of the model's label names, from the value to the name; null: nothing.</summary>
    public IReadOnlyDictionary<string, string>? LabelValues { get; init; }

    /// <summary>Points of the score, of 100, that the smaller model may lose on the part of the data that decides; at least 0.</summary>
    public double MaxLoss { get; init; } = 0.5;

    /// <summary>
    /// The figure of <see cref="Evaluation.IEvaluationReport.Figures"/> that is the score; null: accuracy, micro_f1 of several labels a
    /// text, spearman of numbers.
    /// </summary>
    public string? Metric { get; init; }

    /// <summary>
    /// Passes over a part of the data that heal a pruned model which lost too much, on its labels and, of one label a text or a number, on
    /// what the given model says; 0: nothing is trained.
    /// </summary>
    public double HealEpochs { get; init; }

    /// <summary>Peak learning rate of the healing.</summary>
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>Examples that the importance of layers, heads and channels is measured on, at least 1.</summary>
    public int Examples { get; init; } = 512;

    /// <summary>Tokens of a text at most, special tokens included; null: as many as the model reads.</summary>
    public int? MaxLength { get; init; }

    /// <summary>What is random in the healing follows from it. The same seed gives the same model.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads; null: one per core. The result does not depend on it, but the milliseconds do.</summary>
    public int? Threads { get; init; }
}
