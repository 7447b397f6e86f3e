namespace SqueezeBert.Training;

/// <summary>The data, the permitted loss and the training of a compression.</summary>
public sealed record CompressionOptions
{
    /// <summary>
    /// The labelled texts or pairs of the task, in a table. The labels are the label names of the model or their numbers.
    /// </summary>
    public required DataSource Data { get; init; }

    /// <summary>
    /// The values that the data use instead of the label names of the model, with the name for each value. Null means none.
    /// </summary>
    public IReadOnlyDictionary<string, string>? LabelValues { get; init; }

    /// <summary>
    /// The largest loss of the score that is accepted, in points of 100; zero or more (default 0.5). It is measured on the part of the data
    /// that decides.
    /// </summary>
    public double MaxLoss { get; init; } = 0.5;

    /// <summary>
    /// The figure of <see cref="Evaluation.IEvaluationReport.Figures"/> that is used as the score. Null means "accuracy", "micro_f1" for
    /// several labels per text, or "spearman" for regression.
    /// </summary>
    public string? Metric { get; init; }

    /// <summary>
    /// The number of training epochs on a part of the data for a pruned model that has lost too much; zero or more (default 0, no
    /// training). The model is trained on the labels. If there is one label per text or a number, it also learns from the predictions of
    /// the original model.
    /// </summary>
    public double HealEpochs { get; init; }

    /// <summary>The peak learning rate of this training, above 0 (default 1e-4).</summary>
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>The number of examples that the importance of layers, heads and channels is measured on, 1 or more (default 512).</summary>
    public int Examples { get; init; } = 512;

    /// <summary>The largest number of tokens of a text, including special tokens. Null means what the model can read.</summary>
    public int? MaxLength { get; init; }

    /// <summary>The seed of the training (default 1). The same seed gives the same model.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// The number of threads, 1 or more. Null means one per core. The model does not depend on it, but the measured times do.
    /// </summary>
    public int? Threads { get; init; }
}
