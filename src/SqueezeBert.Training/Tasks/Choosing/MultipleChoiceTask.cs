using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Losses.Groups;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks.Choosing;

/// <summary>The right one of several choices: the cross-entropy over their logits.</summary>
internal sealed class MultipleChoiceTask() : LogitsTask("multiple-choice")
{
    internal override LabelKind Labels => LabelKind.None;

    internal override ModelHead Head => ModelHead.MultipleChoice;

    internal override string Files =>
        "SWAG's table (sent1, sent2, ending0, …, label), or a table or JSON lines with \"context\", a list \"choices\" and \"label\", " +
            "the number of the right one from 0";

    internal override string TextColumn => "context";

    internal override bool HasGroups => true;

    internal override IReadOnlyList<string> OwnFields => ["choices"];

    internal override void Check(StageRecipe stage, Func<string, string, RecipeException> error)
    {
        if (stage.LongText == LongText.Windows) throw error("long_texts", "choices that are too long are cut; leave it out");
        base.Check(stage, error);
    }

    internal override IReadOnlyList<string> Trial(StageRecipe stage, string model) =>
        ["choose", "--model", model, "a beginning", "one end", "another end"];

    internal override StageData Read(StageInput input, CancellationToken cancellationToken) => ChoiceData.Read(input, cancellationToken);

    internal override ModelConfiguration Configure(ModelConfiguration start, IReadOnlyList<string> labels) => start;

    internal override Loss CreateLoss(StageRecipe stage) => new GroupCrossEntropy();

    internal override ExampleWriter CreateWriter(StageInput input, int outputs) => new Writer();

    internal override HeldOutFigures CreateFigures(
        StageRecipe stage, StageData data, Loss loss, GradientOutput logits, WorkerPool pool) => new Figures(loss, logits, pool);

    internal override double Score(EvaluationSummary evaluation) => evaluation.Accuracy ?? base.Score(evaluation);

    /// <summary>The choices of a question are a group of texts.</summary>
    private sealed class Writer : ExampleWriter
    {
        public override void Add(MicroBatch target, ExampleSet set, Example example, ulong key)
        {
            var numbers = set.Numbers(example);
            var tokens = set.Tokens(example);
            for (var i = 1; i < numbers.Length; i += 2)
            {
                AddTokens(target, tokens[..numbers[i]], numbers[i + 1]);
                tokens = tokens[numbers[i]..];
            }

            target.Labels.AddGroup((numbers.Length - 1) / 2);
            target.Labels.AddClass(numbers[0]);
        }
    }

    private sealed class Figures(Loss loss, GradientOutput logits, WorkerPool pool) : HeldOutFigures
    {
        private LossSum _total;

        // The loss has one weight a question.
        public override void Add(MicroBatch batch, ReadOnlySpan<int> examples) =>
            _total += loss.Compute(logits.ForValue(), new LossTarget(batch.Labels), pool);

        public override EvaluationSummary Summary(CancellationToken cancellationToken) => new(
            _total.Mean, _total.Weight == 0 ? 0 : _total.Correct / _total.Weight, (long)_total.Weight, new Dictionary<string, double>());
    }
}
