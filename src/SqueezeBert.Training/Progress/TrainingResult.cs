namespace SqueezeBert.Training;

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
public sealed record StageResult(string Name, long Steps, long Tokens, TimeSpan Time, EvaluationSummary? Evaluation)
{
    /// <summary>The step whose weights the stage ends with.</summary>
    public long KeptStep { get; init; }

    /// <summary>How often the stage was evaluated.</summary>
    public int Evaluations { get; init; }

    /// <summary>
    /// Accuracy of a <see cref="SqueezeBert.Evaluation.LinearTextClassifier"/> on the evaluated texts, 0 to 1; null: there was none.
    /// </summary>
    public double? BaselineAccuracy { get; init; }

    /// <summary>
    /// Share of the evaluated texts, 0 to 1, that are nearly the same as texts that were trained on, or parts of them; null where none were
    /// evaluated. From <see cref="MaxOverlap"/> on, the evaluation is better than the model is on other texts.
    /// </summary>
    public double? Overlap { get; init; }

    /// <summary>The <see cref="Overlap"/> that is no reason to doubt an evaluation.</summary>
    public const double MaxOverlap = 0.1;
}

/// <summary>Result on held-out examples.</summary>
/// <param name="Loss">Mean loss.</param>
/// <param name="Accuracy">Share of right answers, 0 to 1; null where answers are not right or wrong.</param>
/// <param name="Examples">Texts, questions or pairs; predicted tokens for masked language.</param>
/// <param name="BySource">Accuracy of each file of the stage, by its path; empty for regression and masked language.</param>
public sealed record EvaluationSummary(double Loss, double? Accuracy, long Examples, IReadOnlyDictionary<string, double> BySource)
{
    /// <summary>
    /// Further figures of the task by their names; docs/training.md lists them. Of a distillation: "cosine" (of the student's vectors with
    /// the teacher's, a mean), "spread" and "effective_rank" (of the student's vectors), and "spearman" and "pearson" of a file of similar
    /// texts.
    /// </summary>
    public IReadOnlyDictionary<string, double> Figures { get; init; } = new Dictionary<string, double>();
}
