using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Training.Tasks;

namespace SqueezeBert.Training.Compression;

/// <summary>
/// The task of a model: what its head learns, and which figure is its score. Models that cannot be measured here are refused.
/// </summary>
internal sealed class CompressionTask
{
    private CompressionTask(TrainingTask task, string metric, string? untrainable)
    {
        (Task, Metric, Untrainable) = (task, metric, untrainable);
    }

    /// <summary>The task whose loss determines the importance of parts.</summary>
    public TrainingTask Task { get; }

    /// <summary>The name of the figure that is the score.</summary>
    public string Metric { get; }

    /// <summary>The reason why gradients of the model's loss cannot be computed, or null if they can.</summary>
    public string? Untrainable { get; }

    /// <exception cref="UnsupportedModelException">
    /// The model does not predict labels or numbers of texts and pairs, or it is already quantized.
    /// </exception>
    /// <exception cref="ArgumentException">The metric does not exist, or it is not larger for better models.</exception>
    public static CompressionTask Of(ModelFolder folder, string? metric)
    {
        var configuration = folder.Configuration;
        if (configuration.NamedHeads.Count > 0)
        {
            throw new UnsupportedModelException(
                $"{folder.Path} has heads with names ({NamedHeads.List(configuration.NamedHeads)}); a compression measures models with " +
                    "one head");
        }

        var head = ModelGraph.HeadOf(configuration);
        if (head != ModelHead.SequenceClassification)
        {
            var what = head == ModelHead.None ? "no head" : $"a head for {ModelHeads.NameOf(head)}";
            throw new UnsupportedModelException(
                $"{folder.Path} has {what}; a compression measures models that give texts, or pairs of texts, a label, several labels or " +
                    "a number. Others can be made smaller with 'squeezebert convert --precision int8 --table int4'");
        }

        if (folder.StoredTensors != folder.Tensors)
        {
            throw new UnsupportedModelException(
                $"{folder.Path} is quantized already; give the model that it was made of");
        }

        configuration.RequireLabels();
        var isNumber = configuration.ProblemType == ProblemType.Regression
            || (configuration.ProblemType is null && configuration.Labels.Count == 1);
        var (task, names, usual) = isNumber ? (TrainingTasks.Regression, ["pearson", "spearman"], "spearman")
            : configuration.ProblemType == ProblemType.MultiLabelClassification
                ? (TrainingTasks.MultiLabel, ["micro_f1", "macro_f1", "exact_match"], "micro_f1")
                : (TrainingTasks.SingleLabel, (string[])["accuracy", "matthews", "f1", "macro_f1", "micro_f1", "weighted_f1"], "accuracy");
        if (metric is not null && !names.Contains(metric))
            throw new ArgumentException($"the metric '{metric}' is not one of this model's: {string.Join(", ", names)}", nameof(metric));
        return new CompressionTask(
            task, metric ?? usual, isNumber && configuration.ProblemType is null
                ? "the model answers with the sigmoid of one number, and training has no loss for it" : null);
    }

    /// <summary>How its logits are interpreted.</summary>
    public ProblemType Problem => ((LabelledTask)Task).Problem;

    /// <summary>Returns how the data write the labels of a model.</summary>
    public LabelList LabelsOf(ModelConfiguration configuration, CompressionOptions options) =>
        new(Problem == ProblemType.Regression ? [] : configuration.Labels, Problem == ProblemType.Regression ? null : options.LabelValues);

    /// <summary>The score of a report, 0 to 100.</summary>
    /// <exception cref="ArgumentException">
    /// The report does not contain the figure; for example, the F1 of one class exists only for two classes.
    /// </exception>
    public double ScoreOf(IEvaluationReport report)
    {
        foreach (var (name, value) in report.Figures())
        {
            if (name == Metric) return 100 * value;
        }

        var names = report.Figures().Select(figure => figure.Name);
        throw new ArgumentException($"there is no figure '{Metric}' for this model: {string.Join(", ", names)}");
    }
}
