using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Objectives;
using SqueezeBert.Gradients.Plans;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks.Ordering;

/// <summary>Words behind masks, and whether one segment follows another, on the same text: what BERT is pretrained with.</summary>
internal sealed class PretrainingTask() : TrainingTask("pretraining")
{
    internal override LabelKind Labels => LabelKind.None;

    internal override ModelHead Head => ModelHead.Pretraining;

    internal override string Files => PlainTextData.Form;

    internal override int UsualLength => 128;

    internal override bool HasLabelSmoothing => true;

    internal override bool HasMasks => true;

    internal override bool ReadsPlainText => true;

    internal override IReadOnlyList<string> OwnFields => ["wrong_segment"];

    internal override void Check(StageRecipe stage, Func<string, string, RecipeException> error)
    {
        PlainTextData.Check(stage, error);
        base.Check(stage, error);
    }

    internal override IReadOnlyList<string> Trial(StageRecipe stage, string model) =>
        ["fill", "--model", model, "a text with a [MASK] in it"];

    internal override long Count(string path, DataSource source, CancellationToken cancellationToken) =>
        PlainTextData.CountLines(path, cancellationToken);

    internal override StageData Read(StageInput input, CancellationToken cancellationToken)
    {
        PlainTextData.RequireMask(input);
        return SegmentPairData.Read(input, cancellationToken);
    }

    internal override ModelConfiguration Configure(ModelConfiguration start, IReadOnlyList<string> labels) => start;

    internal override IReadOnlyList<OutputRequest> Outputs(StageRecipe stage, ModelConfiguration configuration) =>
        [new(OutputNames.PredictionLogits, IsOverwritten: true), new(OutputNames.SentenceOrderLogits, IsOverwritten: true)];

    internal override StageLearning CreateLearning(
        StageInput input, StageData data, ModelConfiguration configuration, GradientSession session) => new Learning(input, session);

    private sealed class Learning(StageInput input, GradientSession session) : StageLearning
    {
        public override ExampleWriter Writer { get; } = new SegmentPairWriter(
            input.Stage.WrongSegment ?? WrongSegment.Swapped, input.Stage.MaxLength, PlainTextData.Masking(input));

        public override IReadOnlyList<LossTerm> Terms { get; } =
        [
            new(OutputNames.PredictionLogits, new SoftmaxCrossEntropy((float)input.Stage.LabelSmoothing)),
            new(OutputNames.SentenceOrderLogits, new SoftmaxCrossEntropy(), readsTexts: true),
        ];

        public override HeldOutFigures CreateFigures() => new Figures(session, Terms);
    }

    /// <summary>The accuracy is that of the words, as of a masked language model.</summary>
    private sealed class Figures(GradientSession session, IReadOnlyList<LossTerm> terms) : HeldOutFigures
    {
        private readonly LossSum[] _sums = new LossSum[terms.Count];

        public override void Add(MicroBatch batch, ReadOnlySpan<int> examples)
        {
            for (var i = 0; i < terms.Count; i++)
            {
                _sums[i] += terms[i].Loss.Compute(
                    session.Output(terms[i].Output).ForValue(), new LossTarget(terms[i].LabelsOf(batch.Labels)), session.Pool);
            }
        }

        public override EvaluationSummary Summary(CancellationToken cancellationToken) =>
            new(
                _sums.Sum(RowFigures.MeanOf), _sums[0].Rows == 0 ? null : RowFigures.ShareOf(_sums[0]), _sums[0].Rows,
                new Dictionary<string, double>())
            {
                Figures = new SortedDictionary<string, double>(StringComparer.Ordinal)
                {
                    ["masked_loss"] = RowFigures.MeanOf(_sums[0]),
                    ["order_loss"] = RowFigures.MeanOf(_sums[1]),
                    ["order_accuracy"] = RowFigures.ShareOf(_sums[1]),
                },
            };
    }
}
