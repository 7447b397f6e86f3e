namespace SqueezeBert.Training;

/// <summary>The kind of event that a <see cref="TrainingProgress"/> reports.</summary>
public enum TrainingEvent
{
    /// <summary>A stage begins or continues. <see cref="TrainingProgress.Message"/> describes it.</summary>
    Stage,

    /// <summary>An optimizer step is complete.</summary>
    Step,

    /// <summary>The model was evaluated on the held-out data.</summary>
    Evaluation,

    /// <summary>A checkpoint or a model was saved. <see cref="TrainingProgress.Message"/> contains its path.</summary>
    Saved,
}

/// <summary>The state of a training.</summary>
public sealed record TrainingProgress
{
    /// <summary>The kind of event.</summary>
    public required TrainingEvent Event { get; init; }

    /// <summary>The name of the stage.</summary>
    public required string Stage { get; init; }

    /// <summary>The index of the stage, from 0.</summary>
    public int StageIndex { get; init; }

    /// <summary>The number of stages of the recipe.</summary>
    public int StageCount { get; init; }

    /// <summary>The number of completed optimizer steps of the stage.</summary>
    public long Step { get; init; }

    /// <summary>The number of tokens that the stage has trained on.</summary>
    public long Tokens { get; init; }

    /// <summary>The epoch, from 0.</summary>
    public int Epoch { get; init; }

    /// <summary>The completed share of the stage, 0 to 1.</summary>
    public double Fraction { get; init; }

    /// <summary>The loss of the step or of the evaluation, or NaN if the evaluation predicted nothing.</summary>
    public double Loss { get; init; }

    /// <summary>The learning rate of the step.</summary>
    public double LearningRate { get; init; }

    /// <summary>The global norm of the step's gradients, before clipping.</summary>
    public double GradientNorm { get; init; }

    /// <summary>The training speed in tokens per second, as a moving average.</summary>
    public double TokensPerSecond { get; init; }

    /// <summary>The training time of the stage so far.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>The estimated remaining time of the stage, or null at its beginning.</summary>
    public TimeSpan? Remaining { get; init; }

    /// <summary>The last evaluation, or null.</summary>
    public EvaluationSummary? Evaluation { get; init; }

    /// <summary>Whether this evaluation is the best so far.</summary>
    public bool IsBest { get; init; }

    /// <summary>A message of one sentence for the user, or null.</summary>
    public string? Message { get; init; }
}
