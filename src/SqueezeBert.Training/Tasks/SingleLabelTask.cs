using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Plans;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Distillation;

namespace SqueezeBert.Training.Tasks;

/// <summary>One of several labels per text. The loss is the cross-entropy.</summary>
internal sealed class SingleLabelTask() : LabelledTask("single-label")
{
    internal override LabelKind Labels => LabelKind.Name;

    internal override string Files => "a table with one text and one label per row";

    internal override ProblemType Problem => ProblemType.SingleLabelClassification;

    internal override bool HasLabelSmoothing => true;

    internal override bool HasClassWeights => true;

    internal override bool TakesSoftLabels => true;

    internal override void Check(StageRecipe stage, Func<string, string, RecipeException> error)
    {
        base.Check(stage, error);
        if (stage.Teacher is null)
        {
            if (stage.SoftLabels is not null) throw error("soft_labels", "goes with 'teacher', the folder of a classifier to learn from");
            return;
        }

        if (stage.TeacherCache is not null && stage.SoftLabels is { HiddenStates: > 0 } or { Attentions: > 0 })
            throw error("teacher_cache", "keeps logits only; leave out 'hidden_states' and 'attentions' of soft_labels, or the cache");
        if (stage.LabelSmoothing > 0) throw error("label_smoothing", "a teacher smooths the labels; leave it out");
        if (stage.ClassWeights is not null) throw error("class_weights", "do not go with 'teacher'; leave it out");
    }

    internal override void CheckModel(StageInput input, ModelConfiguration start)
    {
        if (input.Stage.Teacher is not null) TeacherChecks.Classifiers(input, start);
    }

    internal override IReadOnlyList<OutputRequest> Outputs(StageRecipe stage, ModelConfiguration configuration)
    {
        var soft = stage.Teacher is null ? null : stage.SoftLabels;
        if (soft is null) return base.Outputs(stage, configuration);
        var layers = soft.PairsFor(configuration.LayerCount, configuration.LayerCount).Select(pair => pair.Student).ToList();
        var hidden = soft.HiddenStates > 0 ? layers.Select(OutputNames.HiddenState) : [];
        var attentions = soft.Attentions > 0 ? AttentionInputs.Of(layers) : [];
        return [.. base.Outputs(stage, configuration), .. hidden.Concat(attentions).Select(name => new OutputRequest(name))];
    }

    internal override Graph CreateGraph(StageRecipe stage, ModelConfiguration configuration) =>
        AttentionInputs.Add(base.CreateGraph(stage, configuration));

    internal override StageLearning CreateLearning(
        StageInput input, StageData data, ModelConfiguration configuration, GradientSession session) => input.Stage.Teacher is null
            ? base.CreateLearning(input, data, configuration, session)
            : new SoftLabelLearning(this, input, data, configuration, session);

    internal override StageData Read(StageInput input, CancellationToken cancellationToken)
    {
        var data = base.Read(input, cancellationToken);
        var count = data.Labels.Count;
        if (count < 2)
            throw input.Error("labels", $"the data have {count} label{(count == 1 ? "" : "s")}; a classifier needs at least two");
        if (input.Stage.ClassWeights is { } weights && weights.Count != count)
            throw input.Error("class_weights", $"has {weights.Count} numbers for {count} labels");
        return data;
    }

    internal override int ReadLabel(string text, LabelIds labels, ExampleSet set, string file, long line) =>
        labels.Id(text.Trim(), file, line);

    internal override void AddLabel(LabelBatch labels, ExampleSet set, Example example, int outputs) => labels.AddClass(example.Label);

    internal override Loss CreateLoss(StageRecipe stage) =>
        new SoftmaxCrossEntropy((float)stage.LabelSmoothing, stage.ClassWeights?.Select(weight => (float)weight).ToList());

    // The label that a user is told; of equal scores the first.
    internal override bool? IsRight(ReadOnlySpan<float> scores, LabelBatch label)
    {
        var best = 0;
        for (var k = 1; k < scores.Length; k++) best = scores[k] > scores[best] ? k : best;
        return best == label.Classes[0];
    }

    internal override double Score(EvaluationSummary evaluation) => evaluation.Accuracy ?? base.Score(evaluation);
}
