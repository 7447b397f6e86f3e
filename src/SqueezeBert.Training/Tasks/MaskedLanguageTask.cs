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

    internal override bool HasLabelSmoothing => true;

    internal override void Check(StageRecipe stage, Func<string, string, RecipeException> error)
    {
        if (stage.Sources.Any(source => source.Format is not null || !source.HasHeader))
            throw error("data", "plain text has neither format nor header; leave them out");
        if (stage.Labels is not null) throw error("labels", "plain text has no labels; leave it out");
        base.Check(stage, error);
    }

    internal override StageData Read(StageInput input, CancellationToken cancellationToken)
    {
        if (input.Tokenizer.MaskTokenId < 0)
            throw input.Error("vocabulary", "has no [MASK] token, which masked-language training needs");
        var data = new StageData();
        if (input.Stage.TokenCache is not { } folder)
        {
            ReadAll();
            return data;
        }

        TokenizedText.Open(
            folder, PlainTextKey.Of(input, cancellationToken), data, ReadAll, TokenizedText.ShardTokens, cancellationToken);
        data.Weights.Clear();
        for (var i = 0; i < data.Train.Count; i++)
            data.Weights.Add((float)input.Stage.Data[data.Train.SourceOf(data.Train[i].Text)].Weight);
        return data;

        void ReadAll()
        {
            for (var i = 0; i < input.Stage.Sources.Count; i++) PlainTextData.Read(input, i, data, cancellationToken);
        }
    }

    internal override ModelConfiguration Configure(ModelConfiguration start, IReadOnlyList<string> labels) => start;

    internal override Loss CreateLoss(StageRecipe stage) => new SoftmaxCrossEntropy((float)stage.LabelSmoothing);

    internal override ExampleWriter CreateWriter(StageInput input, int outputs) => new MaskedExampleWriter(
        new TokenMasking(input.Stage.MaskProbability, input.Tokenizer.MaskTokenId, input.Tokenizer.Vocabulary.Count,
            input.Tokenizer.IsSpecial,
            input.Stage.WholeWords ? id => input.Tokenizer.Vocabulary[id]?.StartsWith("##", StringComparison.Ordinal) == true : null));

    internal override HeldOutFigures CreateFigures(
        StageRecipe stage, ExampleSet examples, Loss loss, GradientOutput logits, WorkerPool pool) => new RowFigures(loss, logits, pool);

    /// <summary>Rows stand alone: tokens, whatever text they are of.</summary>
    private sealed class RowFigures(Loss loss, GradientOutput logits, WorkerPool pool) : HeldOutFigures
    {
        private LossSum _total;

        public override void Add(MicroBatch batch, ReadOnlySpan<int> examples) =>
            _total += loss.Compute(logits.ForValue(), new LossTarget(batch.Labels), pool);

        public override EvaluationSummary Summary(CancellationToken cancellationToken) => new(
            _total.Mean, _total.Rows == 0 ? 0 : (double)_total.Correct / _total.Rows, _total.Rows, new Dictionary<string, double>());
    }
}
