using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks.Ordering;

/// <summary>Whether one segment follows another: cross-entropy.</summary>
internal sealed class SentenceOrderTask() : LogitsTask("sentence-order")
{
    internal override LabelKind Labels => LabelKind.None;

    internal override ModelHead Head => ModelHead.NextSentencePrediction;

    internal override string Files => PlainTextData.Form;

    internal override bool HasLabelSmoothing => true;

    internal override bool ReadsPlainText => true;

    internal override IReadOnlyList<string> OwnFields => ["wrong_segment"];

    internal override void Check(StageRecipe stage, Func<string, string, RecipeException> error)
    {
        PlainTextData.Check(stage, error);
        base.Check(stage, error);
    }

    internal override IReadOnlyList<string> Trial(StageRecipe stage, string model) => ["inspect", model];

    internal override long Count(string path, DataSource source, CancellationToken cancellationToken) =>
        PlainTextData.CountLines(path, cancellationToken);

    internal override StageData Read(StageInput input, CancellationToken cancellationToken) =>
        SegmentPairData.Read(input, cancellationToken);

    internal override ModelConfiguration Configure(ModelConfiguration start, IReadOnlyList<string> labels) => start;

    internal override Loss CreateLoss(StageRecipe stage) => new SoftmaxCrossEntropy((float)stage.LabelSmoothing);

    internal override ExampleWriter CreateWriter(StageInput input, int outputs) =>
        new SegmentPairWriter(input.Stage.WrongSegment ?? WrongSegment.Swapped, input.Stage.MaxLength, masking: null);

    internal override HeldOutFigures CreateFigures(
        StageRecipe stage, StageData data, Loss loss, GradientOutput logits, WorkerPool pool) => new RowFigures(loss, logits, pool);

    internal override double Score(EvaluationSummary evaluation) => evaluation.Accuracy ?? base.Score(evaluation);
}
