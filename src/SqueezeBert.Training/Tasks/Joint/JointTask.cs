using SqueezeBert.Checkpoints;
using SqueezeBert.Configuration;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Plans;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks.Joint;

/// <summary>
/// Several heads learn at once, each from data of its own. A step is of one head's examples, and the steps of an epoch come mixed, so that
/// a head with twice the examples has twice the steps; the weights of its files change that.
/// </summary>
internal sealed class JointTask() : NamedHeadsTask("joint")
{
    internal override string Files => "named by a recipe";

    internal override bool HasHeads => true;

    internal override IReadOnlyList<string> OwnFields => ["heads"];

    internal override void Check(StageRecipe stage, Func<string, string, RecipeException> error)
    {
        if (stage.Heads.Count == 0) throw error("heads", "is missing: the heads that learn together, each with its task and its data");
        RefuseIf(stage.Data.Count > 0, "data");
        RefuseIf(stage.Evaluation.Count > 0, "evaluation");
        RefuseIf(stage.HeldOut != StageRecipe.UsualHeldOut, "held_out");
        RefuseIf(stage.Teacher is not null, "teacher");
        RefuseIf(stage.SoftLabels is not null, "soft_labels");
        RefuseIf(stage.TeacherCache is not null, "teacher_cache");
        RefuseIf(stage.LongText == LongText.Windows, "long_texts");
        RefuseIf(stage.Stride > 0, "stride");
        RefuseIf(stage.HashedNgrams is not null, HashedNgramFields.Field);
        RefuseIf(stage.MaskProbability != StageRecipe.UsualMaskProbability, "mask_probability");
        base.Check(stage, error);
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < stage.Heads.Count; i++)
        {
            var head = stage.Heads[i];
            var field = $"heads[{i}]";
            if (HeadFields.NameProblem(head.Name) is not null)
                throw error($"{field}.name", $"must be 1 to {HeadFields.MaxNameLength} letters, digits, '-' and '_'");
            var own = head.In(stage);
            var made = head.Task.HeadNames(own);
            if (made.Count == 0) throw error($"{field}.task", $"{head.Task} has no head with a name; give it a stage of its own");
            foreach (var name in made)
            {
                if (HeadFields.NameProblem(name) is not null) throw error($"{field}.name", "is too long");
                if (!names.Add(name)) throw error($"{field}.name", $"a head is called '{name}' already");
            }

            if (own.Stride >= own.MaxLength - 2)
                throw error($"{field}.stride", "must be smaller than max_length without the special tokens");
            head.Task.Check(own, (name, reason) => error($"{field}.{name}", reason));
        }

        if (names.Count > HeadFields.MaxHeads) throw error("heads", $"may be {HeadFields.MaxHeads}");

        void RefuseIf(bool isGiven, string field)
        {
            if (isGiven) throw error(field, "is each head's own; put it into 'heads'");
        }
    }

    internal override void CheckModel(StageInput input, ModelConfiguration start)
    {
        foreach (var head in input.Stage.Heads)
        {
            if (head.In(input.Stage).MaxLength > start.MaxPositionEmbeddings)
                throw input.Error("max_length",
                    $"of the head '{head.Name}' is longer than the model's max_position_embeddings, {start.MaxPositionEmbeddings}");
            head.Task.CheckModel(InputOf(input, head), start);
        }
    }

    internal override IReadOnlyList<string> HeadNames(StageRecipe stage) =>
        [.. stage.Heads.SelectMany(head => head.Task.HeadNames(head.In(stage)))];

    internal override IReadOnlyList<HeadConfiguration> HeadsOf(StageRecipe stage, ModelConfiguration start, StageData data) =>
        [.. stage.Heads.Zip(data.Parts).SelectMany(part => part.First.Task.HeadsOf(part.First.In(stage), start, part.Second))];

    internal override StageData Read(StageInput input, CancellationToken cancellationToken)
    {
        var parts = new List<StageData>();
        foreach (var head in input.Stage.Heads)
        {
            var own = InputOf(input, head);
            own = own with { KnownLabels = TeacherChecks.Labels(own.Stage) ?? own.KnownLabels };
            var data = head.Task.Read(own, cancellationToken);
            if (data.Train.Count == 0)
                throw input.Error("heads", $"'{head.Name}' has no examples to train on (all of them may be held out: see held_out)");
            parts.Add(data);
        }

        return new JointData(parts);
    }

    internal override void InitializeHead(
        StageRecipe stage, StageData data, Graph graph, ParameterStore parameters, IReadOnlySet<string> random)
    {
        foreach (var (head, part) in stage.Heads.Zip(data.Parts))
            head.Task.InitializeHead(head.In(stage), part, graph, parameters, random);
    }

    internal override IReadOnlyList<OutputRequest> Outputs(StageRecipe stage, ModelConfiguration configuration) =>
        [.. stage.Heads.SelectMany(head => head.Task.Outputs(head.In(stage), configuration))];

    internal override StageLearning CreateLearning(
        StageInput input, StageData data, ModelConfiguration configuration, GradientSession session) => new JointLearning(
            input.Stage.Heads,
            input.Stage.Heads.Zip(data.Parts).Select(part =>
                part.First.Task.CreateLearning(InputOf(input, part.First), part.Second, configuration, session)),
            (JointData)data);

    internal override IReadOnlyList<string> Trial(StageRecipe stage, string model)
    {
        var head = stage.Heads[0];
        var own = head.In(stage);
        List<string> command = [.. head.Task.Trial(own, model)];
        if (!command.Contains("--head")) command.InsertRange(command.IndexOf(model) + 1, ["--head", head.Task.HeadNames(own)[^1]]);
        return command;
    }

    internal override double Score(EvaluationSummary evaluation) => HeadSummaries.Of(evaluation) ?? base.Score(evaluation);

    private static StageInput InputOf(StageInput input, HeadRecipe head)
    {
        var own = head.In(input.Stage);
        var labels = NamedHeads.TaskOf(head.Task.Head) is { } task ? input.KnownLabelsOf(head.Name, task) : null;
        return input with { Stage = own, KnownLabels = labels };
    }
}
