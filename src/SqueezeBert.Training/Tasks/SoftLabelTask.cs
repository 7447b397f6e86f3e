using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Plans;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Distillation;

namespace SqueezeBert.Training.Tasks;

/// <summary>A classifier of texts that may learn from other classifiers beside its labels.</summary>
internal abstract class SoftLabelTask(string name) : LabelledTask(name)
{
    internal override bool TakesSoftLabels => true;

    /// <summary>The loss beside teachers' logits. Rows without a label have the teachers'.</summary>
    internal abstract Loss CreateSoftLoss(SoftLabels soft);

    internal override void Check(StageRecipe stage, Func<string, string, RecipeException> error)
    {
        base.Check(stage, error);
        if (stage.Teacher is null)
        {
            if (stage.SoftLabels is not null) throw error("soft_labels", "goes with 'teacher', the folder of a classifier to learn from");
            return;
        }

        if (stage.HeadName is not null && stage.SoftLabels is { HiddenStates: > 0 } or { Attentions: > 0 })
            throw error("soft_labels", "compares logits only in a head; leave out 'hidden_states' and 'attentions'");
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
}
