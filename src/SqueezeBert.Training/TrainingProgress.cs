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

/// <summary>Result on held-out examples.</summary>
/// <param name="Loss">Mean loss.</param>
/// <param name="Accuracy">Share of right answers, 0 to 1; null for regression.</param>
/// <param name="Examples">Texts, or predicted tokens for masked language.</param>
/// <param name="BySource">Accuracy of each file of the stage, by its path; empty for regression and masked language.</param>
public sealed record EvaluationSummary(double Loss, double? Accuracy, long Examples, IReadOnlyDictionary<string, double> BySource)
{
    /// <summary>What the best evaluation has most of: accuracy for labels (of equal ones the lower loss is better), else the loss with its sign changed.</summary>
    internal double Score(TrainingTask task) => task is TrainingTask.SingleLabel or TrainingTask.MultiLabel && Accuracy is { } accuracy ? accuracy : -Loss;
}

/// <summary>What a training came to.</summary>
/// <param name="Output">Folder of the model.</param>
/// <param name="Stages">Each stage that ran to its end.</param>
public sealed record TrainingResult(string Output, IReadOnlyList<StageResult> Stages);

/// <summary>The end of a stage.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Steps">Optimizer steps.</param>
/// <param name="Tokens">Tokens trained on.</param>
/// <param name="Time">Training time.</param>
/// <param name="Evaluation">The evaluation of the weights that were kept; null without held-out data.</param>
public sealed record StageResult(string Name, long Steps, long Tokens, TimeSpan Time, EvaluationSummary? Evaluation);
