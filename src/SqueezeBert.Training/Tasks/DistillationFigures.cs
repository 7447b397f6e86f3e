using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Losses.Distillation;
using SqueezeBert.Gradients.Objectives;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Distillation;

namespace SqueezeBert.Training.Tasks;

/// <summary>
/// Figures of a student: the loss and the mean cosine with the teacher on held-out text, how its vectors are spread, and how they agree
/// with people about pairs of texts.
/// </summary>
internal sealed unsafe class DistillationFigures(
    GradientSession session, ITargetRows teacherVectors, IReadOnlyList<LossTerm> terms, SimilarityPairs? similarity) : HeldOutFigures
{
    private readonly CosineDistance _distance = new();
    private readonly VectorFigures _vectors = new();
    private readonly LossSum[] _sums = new LossSum[terms.Count];
    private LossSum _distances;
    private int _texts;

    public override void Add(MicroBatch batch, ReadOnlySpan<int> examples)
    {
        for (var i = 0; i < terms.Count; i++)
        {
            _sums[i] += terms[i].Loss.Compute(
                session.Output(terms[i].Output).ForValue(), new LossTarget(null, terms[i].Teacher!.Rows), session.Pool);
        }

        var vectors = session.Output(StudentGraph.Vector).ForValue();
        if (vectors.Width == teacherVectors.Rows.Width)
            _distances += _distance.Compute(vectors, new LossTarget(null, teacherVectors.Rows), session.Pool);
        for (var row = 0; row < vectors.Count; row++) _vectors.Add(new ReadOnlySpan<float>(vectors.Row(row), vectors.Width));
        _texts += vectors.Count;
    }

    public override EvaluationSummary Summary(CancellationToken cancellationToken)
    {
        double loss = 0;
        for (var i = 0; i < terms.Count; i++) loss += terms[i].Weight * _sums[i].Mean;
        var figures = new SortedDictionary<string, double>(StringComparer.Ordinal)
        {
            ["spread"] = _vectors.Spread(),
            ["effective_rank"] = _vectors.EffectiveRank(),
        };
        if (_distances.Rows > 0) figures["cosine"] = 1 - _distances.Mean;
        if (similarity?.Evaluate(session, cancellationToken) is { } report)
        {
            figures["pearson"] = report.Pearson;
            figures["spearman"] = report.Spearman;
        }

        return new EvaluationSummary(loss, null, _texts, new Dictionary<string, double>()) { Figures = figures };
    }
}
