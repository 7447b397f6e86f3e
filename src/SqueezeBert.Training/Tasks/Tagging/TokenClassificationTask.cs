using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks.Tagging;

/// <summary>A tag a word: the cross-entropy at the first piece of each word.</summary>
internal sealed class TokenClassificationTask() : LogitsTask("token-classification")
{
    internal override LabelKind Labels => LabelKind.None;

    internal override ModelHead Head => ModelHead.TokenClassification;

    internal override string Files =>
        "one word and its tag per line, separated by a tab or spaces, an empty line behind a sentence (CoNLL); or JSON lines with lists " +
            "\"words\" and \"tags\"";

    internal override string TextColumn => "words";

    internal override string LabelColumn => "tags";

    internal override bool HasLabelNames => true;

    internal override bool HasLabelSmoothing => true;

    internal override bool CanReadWindows => true;

    internal override bool HasClassWeights => true;

    internal override bool HasNgrams => true;

    internal override IReadOnlyList<string> Trial(StageRecipe stage, string model) =>
        ["tag", "--model", model, "--aggregation", "first", "--forbid-impossible-tags", "some text"];

    internal override long Count(string path, DataSource source, CancellationToken cancellationToken) =>
        TaggedFile.Read(path, source, cancellationToken).LongCount();

    internal override StageData Read(StageInput input, CancellationToken cancellationToken)
    {
        var data = TaggedData.Read(input, cancellationToken);
        if (data.Labels.Count < 2) throw input.Error("data", $"the words have {data.Labels.Count} different tags; two are needed at least");
        if (input.Stage.ClassWeights is { } weights && weights.Count != data.Labels.Count)
            throw input.Error("class_weights", $"has {weights.Count} numbers for {data.Labels.Count} labels");
        return data;
    }

    internal override ModelConfiguration Configure(ModelConfiguration start, IReadOnlyList<string> labels) =>
        start with { Labels = labels, ProblemType = null };

    internal override ModelConfiguration Configure(StageRecipe stage, ModelConfiguration start, StageData data) =>
        base.Configure(stage, start, data) with { HashedNgrams = stage.HashedNgrams ?? start.HashedNgrams };

    internal override Loss CreateLoss(StageRecipe stage) =>
        new SoftmaxCrossEntropy((float)stage.LabelSmoothing, stage.ClassWeights?.Select(weight => (float)weight).ToList());

    internal override ExampleWriter CreateWriter(StageInput input, int outputs) => new TaggedExampleWriter();

    internal override HeldOutFigures CreateFigures(
        StageRecipe stage, StageData data, Loss loss, GradientOutput logits, WorkerPool pool) =>
        new TaggingFigures(stage, (TaggedData)data, loss, logits, pool);

    internal override double Score(EvaluationSummary evaluation) =>
        evaluation.Figures.TryGetValue("f1", out var f1) ? f1 : evaluation.Accuracy ?? base.Score(evaluation);
}
