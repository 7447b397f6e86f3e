using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Objectives;
using SqueezeBert.Gradients.Plans;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Distillation;

namespace SqueezeBert.Training.Tasks.Towers;

/// <summary>
/// A task of a sentence encoder: texts have vectors, each made by itself with the same weights, and the loss compares them. Pooling is the
/// start's, or the recipe's.
/// </summary>
internal abstract class TowerTask(string name) : TrainingTask(name)
{
    internal override LabelKind Labels => LabelKind.None;

    internal override ModelHead Head => ModelHead.None;

    internal override bool MakesVectors => true;

    internal override bool HasGroups => true;

    internal override int UsualLength => 128;

    internal override void Check(StageRecipe stage, Func<string, string, RecipeException> error)
    {
        if (stage.LongText == LongText.Windows) throw error("long_texts", "texts that are too long are cut; leave it out");
        if (stage.Sources.Any(source => source.Pair is null)) throw error("data", "'pair' is missing: the column of the second text");
        if (stage.Pooling is not (null or SentencePooling.Mean or SentencePooling.Cls or SentencePooling.Max))
            throw error("pooling", "must be mean, cls or max");
        base.Check(stage, error);
    }

    internal override StageRecipe Complete(StageRecipe stage, string? from, Func<string, string, RecipeException> error)
    {
        var known = from is not null && SentenceEncoderSettings.Exists(from) ? SentenceEncoderSettings.Load(from) : null;
        if (known is not null && stage.Pooling is { } asked && asked != known.Pooling)
            throw error("pooling", $"is {asked}, and the start makes its vectors by {known.Pooling}; leave it out");
        var pooling = stage.Pooling ?? known?.Pooling ?? SentencePooling.Mean;
        return pooling is SentencePooling.Mean or SentencePooling.Cls or SentencePooling.Max ? stage with { Pooling = pooling }
            : throw error("from", $"makes its vectors by the pooling {pooling}; mean, cls and max can be trained");
    }

    internal override IReadOnlyList<string> Trial(StageRecipe stage, string model) =>
        ["similar", "--model", model, "some text", "another text"];

    internal override ModelConfiguration Configure(ModelConfiguration start, IReadOnlyList<string> labels) => start;

    internal override Graph CreateGraph(StageRecipe stage, ModelConfiguration configuration) =>
        StudentGraph.Create(configuration, stage.Pooling ?? SentencePooling.Mean);

    internal override IReadOnlyList<OutputRequest> Outputs(StageRecipe stage, ModelConfiguration configuration) =>
        [new(StudentGraph.Vector)];

    /// <summary>What is made small.</summary>
    internal abstract Loss CreateLoss(StageRecipe stage);

    /// <summary>Counts an evaluation.</summary>
    internal abstract HeldOutFigures CreateFigures(Loss loss, StageRecipe stage, GradientSession session);

    internal override StageLearning CreateLearning(
        StageInput input, StageData data, ModelConfiguration configuration, GradientSession session) =>
        new Learning(this, input.Stage, session);

    private sealed class Learning(TowerTask task, StageRecipe stage, GradientSession session) : StageLearning
    {
        public override ExampleWriter Writer { get; } = new TowerWriter();

        public override IReadOnlyList<LossTerm> Terms { get; } = [new(StudentGraph.Vector, task.CreateLoss(stage))];

        // An encoder of texts knows much before it is tuned.
        public override bool MeasuresStart => true;

        public override HeldOutFigures CreateFigures() => task.CreateFigures(Terms[0].Loss, stage, session);
    }
}
