using SqueezeBert.Evaluation;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Losses.Pairs;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Distillation;

namespace SqueezeBert.Training.Tasks.Towers;

/// <summary>Pairs of texts with a score: the squared error of the cosine of their vectors.</summary>
internal sealed class SimilarityTask() : TowerTask("similarity")
{
    internal override string Files =>
        "a table with \"sentence1\", \"sentence2\" and \"score\", a number that is larger the more alike they are";

    internal override string TextColumn => "sentence1";

    internal override string? PairColumn => "sentence2";

    internal override string LabelColumn => "score";

    internal override IReadOnlyList<string> OwnFields => ["pooling", "score_range"];

    internal override StageData Read(StageInput input, CancellationToken cancellationToken) =>
        TowerData.Read(input, hasScores: true, cancellationToken);

    internal override Loss CreateLoss(StageRecipe stage) => new CosineError();

    internal override HeldOutFigures CreateFigures(Loss loss, StageRecipe stage, GradientSession session) => new Figures(loss, session);

    internal override double Score(EvaluationSummary evaluation) =>
        evaluation.Figures.TryGetValue("spearman", out var spearman) && double.IsFinite(spearman) ? spearman : -2 - evaluation.Loss;

    private sealed class Figures(Loss loss, GradientSession session) : HeldOutFigures
    {
        private readonly List<double> _scores = [];
        private readonly List<double> _cosines = [];
        private LossSum _total;

        public override void Add(MicroBatch batch, ReadOnlySpan<int> examples)
        {
            var rows = session.Output(StudentGraph.Vector).ForValue();
            _total += loss.Compute(rows, new LossTarget(batch.Labels), session.Pool);
            for (var i = 0; i < examples.Length; i++)
            {
                _scores.Add(batch.Labels.Values[i]);
                _cosines.Add(VectorRows.Product(VectorRows.Direction(rows, 2 * i), VectorRows.Direction(rows, (2 * i) + 1)));
            }
        }

        public override EvaluationSummary Summary(CancellationToken cancellationToken)
        {
            var report = SimilarityReport.Of([.. _scores], [.. _cosines]);
            return new EvaluationSummary(_total.Mean, null, report.Examples, new Dictionary<string, double>())
            {
                Figures = new SortedDictionary<string, double>(
                    report.Figures().ToDictionary(figure => figure.Name, figure => figure.Value), StringComparer.Ordinal),
            };
        }
    }
}
