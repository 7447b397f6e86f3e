using SqueezeBert.Evaluation;

namespace SqueezeBert.Cli.Tasks;

/// <summary>
/// A task of GLUE, for classifiers with its labels; STS-B for regressions, and by the cosine of their vectors for encoders.
/// </summary>
internal sealed class GlueReportTask(GlueTask task, string folder) : ReportTask(task.Name, string.Join(", ", task.Figures))
{
    private List<EvaluationSet>? _sets;

    public override string? BaselineName => task.IsRegression ? null : "linear";

    private List<EvaluationSet> Sets => _sets ??=
        [.. GlueReader.Read(task, folder, GlueSplit.Dev).Select(set => new EvaluationSet(set.File, set.Examples))];

    public override double? Measure(InferenceModel model, CancellationToken cancellationToken)
    {
        if (model.Heads.Count == 0)
        {
            if (!task.IsRegression) return null;
            using var embedder = new TextEmbedder(model);
            return Score(SimilarityEvaluation.Evaluate(embedder, Sets, null, cancellationToken));
        }

        if (!HasHead(model, "ForSequenceClassification")) return null;
        using var classifier = new TextClassifier(model);
        if (task.IsRegression)
        {
            return classifier.Labels.Count == 1
                ? Score(ClassifierEvaluation.Evaluate(classifier, Sets, cancellationToken: cancellationToken)) : null;
        }

        return Labels(classifier.Labels) is { } labels
            ? Score(ClassifierEvaluation.Evaluate(classifier, Sets, labels, cancellationToken: cancellationToken)) : null;
    }

    public override double? MeasureBaseline(CancellationToken cancellationToken)
    {
        var training = Path.Combine(folder, task.Name, "train.tsv");
        if (task.IsRegression || !(File.Exists(training) || File.Exists(Path.Combine(folder, "train.tsv")))) return null;
        var labels = task.LabelsOf(task.Labels);
        var baseline = LinearTextClassifier.Train(
            from set in GlueReader.Read(task, folder, GlueSplit.Train, cancellationToken)
            from example in set.Examples
            select (example.Text, example.Pair, (IReadOnlyList<int>)[labels.Find(example, set.File)]),
            labels.Names.Count, cancellationToken: cancellationToken);
        return Score(ClassifierEvaluation.EvaluateBaseline(baseline, Sets, labels, cancellationToken: cancellationToken));
    }

    // GLUE's score of MNLI is the mean of its two sets, not that of all their rows.
    private double Score(EvaluationResult result) => result.Parts.Average(part => task.Score(part.Report));

    private LabelList? Labels(IReadOnlyList<string> labels)
    {
        try
        {
            return task.LabelsOf(labels);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
