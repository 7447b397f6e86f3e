namespace SqueezeBert.Training;

/// <summary>What a <see cref="TrainingProgress"/> reports.</summary>
public enum TrainingEvent
{
    /// <summary>A stage begins or goes on; <see cref="TrainingProgress.Message"/> says with what.</summary>
    Stage,

    /// <summary>An optimizer step is done.</summary>
    Step,

    /// <summary>The held-out data were evaluated.</summary>
    Evaluation,

    /// <summary>A checkpoint or a model was written; <see cref="TrainingProgress.Message"/> says where.</summary>
    Saved,
}

/// <summary>Where a training stands.</summary>
public sealed record TrainingProgress
{
    /// <summary>What happened.</summary>
    public required TrainingEvent Event { get; init; }

    /// <summary>Name of the stage.</summary>
    public required string Stage { get; init; }

    /// <summary>Number of the stage, from 0.</summary>
    public int StageIndex { get; init; }

    /// <summary>Stages of the recipe.</summary>
    public int StageCount { get; init; }

    /// <summary>Optimizer steps of the stage that are done.</summary>
    public long Step { get; init; }

    /// <summary>Tokens that the stage has trained on.</summary>
    public long Tokens { get; init; }

    /// <summary>Epoch, from 0.</summary>
    public int Epoch { get; init; }

    /// <summary>Share of the stage that is done, 0 to 1.</summary>
    public double Fraction { get; init; }

    /// <summary>Loss of the step, or of the evaluation.</summary>
    public double Loss { get; init; }

    /// <summary>Learning rate of the step.</summary>
    public double LearningRate { get; init; }

    /// <summary>Global norm of the step's gradients before clipping.</summary>
    public double GradientNorm { get; init; }

    /// <summary>Tokens trained on a second, a moving average.</summary>
    public double TokensPerSecond { get; init; }

    /// <summary>Training time of the stage so far.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Estimate of the stage's remaining time; null at its start.</summary>
    public TimeSpan? Remaining { get; init; }

    /// <summary>The last evaluation, or null.</summary>
    public EvaluationSummary? Evaluation { get; init; }

    /// <summary>Whether the evaluation is the best so far.</summary>
    public bool IsBest { get; init; }

    /// <summary>A sentence for the user, or null.</summary>
    public string? Message { get; init; }
}
