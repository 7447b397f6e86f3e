using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Losses.Groups;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks.Answering;

/// <summary>The first and the last token of an answer: the cross-entropy of both over the tokens of a window.</summary>
internal sealed class QuestionAnsweringTask() : LogitsTask("question-answering")
{
    internal override LabelKind Labels => LabelKind.None;

    internal override ModelHead Head => ModelHead.QuestionAnswering;

    internal override string Files => "the official JSON of SQuAD 1.1 or 2.0";

    internal override int UsualLength => 384;

    internal override bool AlwaysReadsWindows => true;

    internal override void Check(StageRecipe stage, Func<string, string, RecipeException> error)
    {
        if (stage.LongText == LongText.Windows) throw error("long_texts", "documents are always read in windows; leave it out");
        if (stage.MaxLength < 8) throw error("max_length", "must leave room for a question and a part of its document: 8 at least");
        base.Check(stage, error);
    }

    internal override IReadOnlyList<string> Trial(StageRecipe stage, string model) =>
        ["answer", "--model", model, "--file", "document.txt", "a question"];

    internal override long Count(string path, DataSource source, CancellationToken cancellationToken) =>
        Math.Min(source.Limit ?? int.MaxValue, SquadReader.Read(path, cancellationToken).Questions.Count);

    internal override StageData Read(StageInput input, CancellationToken cancellationToken) =>
        AnsweringData.Read(input, cancellationToken);

    internal override ModelConfiguration Configure(ModelConfiguration start, IReadOnlyList<string> labels) => start;

    internal override Loss CreateLoss(StageRecipe stage) => new GroupCrossEntropy();

    internal override ExampleWriter CreateWriter(StageInput input, int outputs) => new Writer();

    internal override HeldOutFigures CreateFigures(
        StageRecipe stage, StageData data, Loss loss, GradientOutput logits, WorkerPool pool) =>
        new AnsweringFigures((AnsweringData)data, loss, logits, pool);

    internal override double Score(EvaluationSummary evaluation) =>
        evaluation.Figures.TryGetValue("f1", out var f1) ? f1 : base.Score(evaluation);

    /// <summary>A window is a group of tokens, one of which is the answer's first, and one its last.</summary>
    private sealed class Writer : ExampleWriter
    {
        public override void Add(MicroBatch target, ExampleSet set, Example example, ulong key)
        {
            AddTokens(target, set.Tokens(example), example);
            var numbers = set.Numbers(example);
            target.Labels.AddGroup(example.Length);
            target.Labels.AddClass(numbers[0]);
            target.Labels.AddClass(numbers[1]);
        }
    }
}
