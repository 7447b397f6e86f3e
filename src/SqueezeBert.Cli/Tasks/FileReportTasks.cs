using SqueezeBert.Checkpoints;
using SqueezeBert.Cli.Slices;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Cli.Tasks;

/// <summary>Questions in SQuAD's form, for models for question answering.</summary>
internal sealed class AnswerReportTask(string name, string path) : ReportTask(name, "f1")
{
    private SquadSet? _set;

    public override string BaselineName => "nearest sentence";

    public override IReadOnlyList<SliceExample> Examples =>
        [.. Read().Questions.Select(question => new SliceExample(question.Question, question.Context))];

    public override TaskResult? Measure(InferenceModel model, CancellationToken cancellationToken)
    {
        if (HeadOf(model, HeadTask.QuestionAnswering) is not { } head) return null;
        var set = Read(cancellationToken);
        using var answerer = new QuestionAnswerer(model, new QuestionAnswererOptions
        {
            AllowNoAnswer = set.Version == SquadVersion.V2,
            Head = head.Name,
        });
        var predictions = new List<SquadPrediction>();
        var report = SquadEvaluation.Evaluate(
            answerer, [set], set.Version, predictions: predictions, cancellationToken: cancellationToken).All.Report;
        return Result(report, set.Version) with
        {
            Outcomes = [.. set.Questions.Zip(predictions, (question, prediction) => SquadMetrics.Score(
                prediction.Text, [.. question.Answers.Select(answer => answer.Text)], set.Version).F1)],
        };
    }

    public override TaskResult? MeasureBaseline(CancellationToken cancellationToken)
    {
        var set = Read(cancellationToken);
        return Result(SquadEvaluation.EvaluateBaseline([set], set.Version, cancellationToken).All.Report, set.Version);
    }

    private TaskResult Result(IEvaluationReport report, SquadVersion version)
    {
        string[] figures = [version == SquadVersion.V1 ? "exact_match" : "exact", Figure];
        return new TaskResult(FigureOf(report, Figure), [.. figures.Select(one => new SetFigure(Name, one, FigureOf(report, one)))]);
    }

    private SquadSet Read(CancellationToken cancellationToken = default) => _set ??= SquadReader.Read(path, cancellationToken);
}

/// <summary>Tagged sentences in CoNLL's columns, for models for token classification with its kinds of entities.</summary>
internal sealed class TagReportTask(string name, string path) : ReportTask(name, "f1")
{
    private TaggedSet? _set;

    public override TaskResult? Measure(InferenceModel model, CancellationToken cancellationToken)
    {
        if (HeadOf(model, HeadTask.TokenClassification) is not { } head || !EntityTags.HaveEntities(head.Labels)) return null;
        var set = _set ??= ConllReader.Read(path, cancellationToken: cancellationToken);
        try
        {
            var report = TaggingEvaluation.Evaluate(model, [set], head: head.Name, cancellationToken: cancellationToken).All.Report;
            return Of(report);
        }
        catch (DataFormatException exception) when (exception.Reason.StartsWith("the model has no label", StringComparison.Ordinal))
        {
            return null;
        }
    }
}

/// <summary>Documents and queries in BEIR's layout, for encoders without a head.</summary>
internal sealed class RetrievalReportTask(string name, string folder) : ReportTask(name, "ndcg_at_10")
{
    private RetrievalSet? _set;

    public override string BaselineName => "BM25";

    private RetrievalSet Set => _set ??= RetrievalReader.Read(folder);

    public override TaskResult? Measure(InferenceModel model, CancellationToken cancellationToken)
    {
        if (model.Heads.Count > 0) return null;
        using var embedder = new TextEmbedder(model);
        return Of(RetrievalEvaluation.Evaluate(embedder, Set, cancellationToken: cancellationToken).Report);
    }

    public override TaskResult? MeasureBaseline(CancellationToken cancellationToken) =>
        Of(RetrievalEvaluation.EvaluateBaseline(Set, cancellationToken).Report);
}
