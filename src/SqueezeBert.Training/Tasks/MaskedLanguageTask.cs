using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks;

/// <summary>Masked language modelling on plain text: the cross-entropy of the tokens behind the masks.</summary>
internal sealed class MaskedLanguageTask() : LogitsTask("masked-language")
{
    internal override LabelKind Labels => LabelKind.None;

    internal override ModelHead Head => ModelHead.MaskedLanguageModel;

    internal override string Files => PlainTextData.Form;

    internal override bool HasLabelSmoothing => true;

    internal override bool HasMasks => true;

    internal override bool ReadsPlainText => true;

    internal override IReadOnlyList<string> Trial(StageRecipe stage, string model) =>
        ["fill", "--model", model, "a text with a [MASK] in it"];

    internal override long Count(string path, DataSource source, CancellationToken cancellationToken) =>
        PlainTextData.CountLines(path, cancellationToken);

    internal override void Check(StageRecipe stage, Func<string, string, RecipeException> error)
    {
        PlainTextData.Check(stage, error);
        base.Check(stage, error);
    }

    internal override StageData Read(StageInput input, CancellationToken cancellationToken)
    {
        PlainTextData.RequireMask(input);
        return PlainTextCache.Read(input, "blocks", data =>
        {
            for (var i = 0; i < input.Stage.Sources.Count; i++) PlainTextData.Read(input, i, data, cancellationToken);
        }, cancellationToken);
    }

    internal override ModelConfiguration Configure(ModelConfiguration start, IReadOnlyList<string> labels) => start;

    internal override Loss CreateLoss(StageRecipe stage) => new SoftmaxCrossEntropy((float)stage.LabelSmoothing);

    internal override ExampleWriter CreateWriter(StageInput input, int outputs) =>
        new MaskedExampleWriter(PlainTextData.Masking(input));

    internal override HeldOutFigures CreateFigures(
        StageRecipe stage, StageData data, Loss loss, GradientOutput logits, WorkerPool pool) => new RowFigures(loss, logits, pool);
}
