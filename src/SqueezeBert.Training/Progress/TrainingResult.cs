namespace SqueezeBert.Training;

/// <summary>The result of a training.</summary>
/// <param name="Output">The folder of the model.</param>
/// <param name="Stages">The stages that were completed.</param>
public sealed record TrainingResult(string Output, IReadOnlyList<StageResult> Stages)
{
    /// <summary>The largest working set of the process, in bytes, whatever it was used for.</summary>
    public long PeakWorkingSet { get; init; }

    /// <summary>
    /// The largest native memory during the run, in bytes: weights, gradients, optimizer moments, activations and teachers. Memory of the
    /// garbage-collected heap is not included. Other models in the process are.
    /// </summary>
    public long PeakNativeBytes { get; init; }
}

/// <summary>The result of a stage.</summary>
/// <param name="Name">The name of the stage.</param>
/// <param name="Steps">The number of optimizer steps.</param>
/// <param name="Tokens">The number of tokens that were trained on.</param>
/// <param name="Time">The training time.</param>
/// <param name="Evaluation">The evaluation of the weights that were kept, or null without held-out data.</param>
public sealed record StageResult(string Name, long Steps, long Tokens, TimeSpan Time, EvaluationSummary? Evaluation)
{
    /// <summary>The step whose weights were kept.</summary>
    public long KeptStep { get; init; }

    /// <summary>The number of evaluations.</summary>
    public int Evaluations { get; init; }

    /// <summary>
    /// The accuracy of a <see cref="SqueezeBert.Evaluation.LinearTextClassifier"/> on the evaluated texts, 0 to 1, or null if there was
    /// none.
    /// </summary>
    public double? BaselineAccuracy { get; init; }

    /// <summary>
    /// The share of the evaluated texts that are near-duplicates of training texts or parts of them, 0 to 1. Null if no text was evaluated.
    /// A pair counts only if both of its texts are those of one trained pair. From <see cref="MaxOverlap"/> on, the evaluation is better
    /// than the model is on new texts.
    /// </summary>
    public double? Overlap { get; init; }

    /// <summary>
    /// The name of the head that <see cref="Overlap"/> is about: of a joint stage, the head with the largest share. Null for a stage that
    /// is not joint, or if no text was evaluated.
    /// </summary>
    public string? OverlapHead { get; init; }

    /// <summary>The value from which <see cref="Overlap"/> makes an evaluation doubtful.</summary>
    public const double MaxOverlap = 0.1;
}

/// <summary>The result of an evaluation on held-out examples.</summary>
/// <param name="Loss">The mean loss, or NaN if nothing was predicted because no token was masked.</param>
/// <param name="Accuracy">
/// The share of right answers, 0 to 1, or null if answers are not simply right or wrong, or if there is none.
/// </param>
/// <param name="Examples">The number of texts, questions or pairs. For masked language, the number of predicted tokens.</param>
/// <param name="BySource">
/// The accuracy on each file of the stage, by its path, with " (2)" behind it for a file that is there again. Empty for regression and
/// masked language.
/// </param>
public sealed record EvaluationSummary(double Loss, double? Accuracy, long Examples, IReadOnlyDictionary<string, double> BySource)
{
    /// <summary>
    /// Further figures of the task, by name. docs/training.md lists them. For a distillation they are "cosine" (the mean cosine of the
    /// student's and the teacher's vectors), "spread" and "effective_rank" (of the student's vectors), and "spearman" and "pearson" for a
    /// file of similar texts.
    /// </summary>
    public IReadOnlyDictionary<string, double> Figures { get; init; } = new Dictionary<string, double>();
}
