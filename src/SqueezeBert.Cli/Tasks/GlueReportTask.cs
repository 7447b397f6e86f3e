using SqueezeBert.Checkpoints;
using SqueezeBert.Cli.Slices;
using SqueezeBert.Evaluation;
using SqueezeBert.Evaluation.Glue;

namespace SqueezeBert.Cli.Tasks;

/// <summary>
/// A task of GLUE, for classifiers with its labels; STS-B for regressions, and by the cosine of their vectors for encoders.
/// </summary>
internal sealed class GlueReportTask(GlueTask task, string folder) : ReportTask(task.Name, string.Join(", ", task.Figures))
{
    private IReadOnlyList<GlueSet>? _read;

    public override string? BaselineName => task.IsRegression ? null : "linear";

    public override IReadOnlyList<SliceExample> Examples => task.IsRegression
        ? [] : [.. Read.SelectMany(set => set.Examples).Select(example => new SliceExample(example.Text, example.Pair))];

    private IReadOnlyList<GlueSet> Read => _read ??= GlueReader.Read(task, folder, GlueSplit.Dev);

    private List<EvaluationSet> Sets => [.. Read.Select(set => new EvaluationSet(set.File, set.Examples))];

    public override TaskResult? Measure(InferenceModel model, CancellationToken cancellationToken)
    {
        if (model.Heads.Count == 0)
        {
            if (!task.IsRegression) return null;
            using var embedder = new TextEmbedder(model);
            return Result(SimilarityEvaluation.Evaluate(embedder, Sets, null, cancellationToken));
        }

        if (HeadOf(model, HeadTask.TextClassification) is not { } head) return null;
        using var classifier = new TextClassifier(model, new TextClassifierOptions { Head = head.Name });
        if (task.IsRegression)
        {
            return classifier.Labels.Count == 1
                ? Result(ClassifierEvaluation.Evaluate(classifier, Sets, cancellationToken: cancellationToken)) : null;
        }

        if (Labels(classifier.Labels) is not { } labels) return null;
        var answers = new List<Classification>();
        var result = ClassifierEvaluation.Evaluate(classifier, Sets, labels, answers: answers, cancellationToken: cancellationToken);
        return Result(result) with { Outcomes = Outcomes(labels, answers) };
    }

    public override TaskResult? MeasureBaseline(CancellationToken cancellationToken)
    {
        if (task.IsRegression || !HasTraining) return null;
        var labels = task.LabelsOf(task.Labels);
        var baseline = LinearTextClassifier.Train(
            from set in GlueReader.Read(task, folder, GlueSplit.Train, cancellationToken)
            from example in set.Examples
            select (example.Text, example.Pair, (IReadOnlyList<int>)[labels.Find(example, set.File)]),
            labels.Names.Count, cancellationToken: cancellationToken);
        return Result(ClassifierEvaluation.EvaluateBaseline(baseline, Sets, labels, cancellationToken: cancellationToken));
    }

    public override IEnumerable<SliceExample>? TrainingTexts(CancellationToken cancellationToken) => !HasTraining ? null
        : from set in GlueReader.Read(task, folder, GlueSplit.Train, cancellationToken)
          from example in set.Examples
          select new SliceExample(example.Text, example.Pair);

    private bool HasTraining => task.HasTraining && Files.Any(File.Exists);

    private IEnumerable<string> Files => ((string[])["train.tsv", ParaphraseCorpus.FileOf(GlueSplit.Train)])
        .SelectMany(name => (string[])[Path.Combine(folder, task.Name, name), Path.Combine(folder, name)]);

    // GLUE's score of MNLI is the mean of its two sets, not that of all their rows.
    private TaskResult Result(EvaluationResult result)
    {
        var parts = Read.Zip(result.Parts, (set, part) => (set.Name, part.Report)).ToList();
        var figures = from part in parts
                      let values = part.Report.Figures().ToDictionary(figure => figure.Name, figure => figure.Value)
                      from figure in task.Figures
                      select new SetFigure(part.Name, figure, values[figure]);
        return new TaskResult(parts.Average(part => task.Score(part.Report)), [.. figures])
        {
            Confusions = [.. parts.Where(part => part.Report is ClassificationReport)
                .Select(part => new SetConfusion(part.Name, (ClassificationReport)part.Report))],
        };
    }

    private List<double> Outcomes(LabelList labels, List<Classification> answers) =>
        [.. Read.SelectMany(set => set.Examples.Select(
                example => labels.Names[labels.Find(example with { Label = example.Label.Trim() }, set.File)]))
            .Zip(answers, (label, answer) => label == labels.BestOf(answer) ? 1.0 : 0)];

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
