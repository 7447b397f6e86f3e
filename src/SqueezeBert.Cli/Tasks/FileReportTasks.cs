using SqueezeBert.Evaluation;

namespace SqueezeBert.Cli.Tasks;

/// <summary>Questions in SQuAD's form, for models for question answering.</summary>
internal sealed class AnswerReportTask(string name, string path) : ReportTask(name, "f1")
{
    private SquadSet? _set;

    public override double? Measure(InferenceModel model, CancellationToken cancellationToken)
    {
        if (!HasHead(model, "ForQuestionAnswering")) return null;
        var set = _set ??= SquadReader.Read(path, cancellationToken);
        using var answerer = new QuestionAnswerer(model, new QuestionAnswererOptions
        {
            AllowNoAnswer = set.Version == SquadVersion.V2,
        });
        return FigureOf(SquadEvaluation.Evaluate(answerer, [set], set.Version, cancellationToken: cancellationToken).All, Figure);
    }

    internal static double FigureOf(EvaluationPart part, string name) => part.Report.Figures().First(figure => figure.Name == name).Value;
}

/// <summary>Tagged sentences in CoNLL's columns, for models for token classification with its kinds of entities.</summary>
internal sealed class TagReportTask(string name, string path) : ReportTask(name, "f1")
{
    private TaggedSet? _set;

    public override double? Measure(InferenceModel model, CancellationToken cancellationToken)
    {
        if (!HasHead(model, "ForTokenClassification") || !EntityTags.HaveEntities(model.Configuration.Labels)) return null;
        var set = _set ??= ConllReader.Read(path, cancellationToken: cancellationToken);
        try
        {
            return AnswerReportTask.FigureOf(TaggingEvaluation.Evaluate(model, [set], cancellationToken: cancellationToken).All, Figure);
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

    public override double? Measure(InferenceModel model, CancellationToken cancellationToken)
    {
        if (model.Heads.Count > 0) return null;
        using var embedder = new TextEmbedder(model);
        return AnswerReportTask.FigureOf(RetrievalEvaluation.Evaluate(embedder, Set, cancellationToken: cancellationToken), Figure);
    }

    public override double? MeasureBaseline(CancellationToken cancellationToken) =>
        AnswerReportTask.FigureOf(RetrievalEvaluation.EvaluateBaseline(Set, cancellationToken), Figure);
}
