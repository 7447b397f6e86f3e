using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks;

/// <summary>
/// A task of a sequence classifier: a table of texts or pairs, each with a label, which an output for the whole text predicts.
/// </summary>
internal abstract class LabelledTask(string name) : LogitsTask(name)
{
    internal override ModelHead Head => ModelHead.SequenceClassification;

    internal override bool CanReadWindows => true;

    internal override IReadOnlyList<string> Trial(StageRecipe stage, string model)
    {
        var source = stage.Data[0];
        return source.Pair is null ? ["classify", "--model", model, "some text"]
            : ["evaluate", "--model", model, "--data", source.File, "--text", source.Text, "--pair", source.Pair, "--label", source.Label];
    }

    /// <summary>What the logits stand for.</summary>
    internal abstract ProblemType Problem { get; }

    /// <summary>Reads a label; returns what examples refer to it by.</summary>
    /// <param name="text">The column's text.</param>
    /// <param name="labels">Names and ids.</param>
    /// <param name="set">Keeps values.</param>
    /// <param name="file">The name in error messages.</param>
    /// <param name="line">The name in error messages.</param>
    internal abstract int ReadLabel(string text, LabelIds labels, ExampleSet set, string file, long line);

    /// <summary>The labels of the model, by id.</summary>
    internal virtual IReadOnlyList<string> OutputLabels(LabelIds labels) => labels.Names;

    /// <summary>Whether a text's scores are those of its label; null where they are neither right nor wrong.</summary>
    internal abstract bool? IsRight(ReadOnlySpan<float> scores, LabelBatch label);

    /// <summary>Tells the loss the label of an example.</summary>
    internal virtual void AddLabel(LabelBatch labels, ExampleSet set, Example example, int outputs) =>
        labels.AddValues(set.Values(example, outputs));

    internal override StageData Read(StageInput input, CancellationToken cancellationToken) =>
        LabelledData.Read(input, this, cancellationToken);

    internal override ModelConfiguration Configure(ModelConfiguration start, IReadOnlyList<string> labels) =>
        start with { Labels = labels, ProblemType = Problem };

    internal override ExampleWriter CreateWriter(StageInput input, int outputs) => new LabelledExampleWriter(this, outputs);

    internal override HeldOutFigures CreateFigures(
        StageRecipe stage, StageData data, Loss loss, GradientOutput logits, WorkerPool pool) =>
        new TextFigures(this, stage, data.HeldOut, loss, logits, pool);

    private sealed class LabelledExampleWriter(LabelledTask task, int outputs) : ExampleWriter
    {
        public override void Add(MicroBatch target, ExampleSet set, Example example, ulong key)
        {
            AddTokens(target, set.Tokens(example), example);
            task.AddLabel(target.Labels, set, example, outputs);
        }
    }
}
