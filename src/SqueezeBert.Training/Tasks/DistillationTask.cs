using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Plans;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Distillation;
using SqueezeBert.Training.Starts;

namespace SqueezeBert.Training.Tasks;

/// <summary>
/// A small encoder learns the hidden states and the sentence vectors of a large one, from text without labels. The teacher runs beside it.
/// </summary>
internal sealed class DistillationTask() : TrainingTask("distillation")
{
    private const int MaxLayer = 1000;

    internal override LabelKind Labels => LabelKind.None;

    internal override string Files => "plain text or tables, one text per line or row";

    internal override ModelHead Head => ModelHead.None;

    internal override bool HasTeacher => true;

    internal override bool MakesVectors => true;

    internal override bool HasEvaluationFiles => false;

    internal override IReadOnlyList<string> Trial(StageRecipe stage, string model) =>
        ["similar", "--model", model, "some text", "another text"];

    internal override void Check(StageRecipe stage, Func<string, string, RecipeException> error)
    {
        if (stage.Teacher is null) throw error("teacher", "is missing: the folder of the model to learn from");
        if (stage.OtherTeachers.Count > 0) throw error("teacher", "a distillation of hidden states has one teacher; name one");
        if (stage.Labels is not null) throw error("labels", "a distillation has no labels; leave it out");
        var losses = stage.Losses ?? new DistillationLosses();
        if (losses is { Cosine: 0, HiddenStates: 0, Similarities: 0 })
            throw error("losses", "nothing is left to learn: give cosine, hidden_states or similarities a weight above 0");
        if (losses.LayerPairs is { } pairs && !ArePairs(pairs))
            throw error("losses.layer_pairs", "must be pairs of layers, counted from 1, and each of the student's once: [[1, 3], [2, 6]]");
        if (stage.TeacherCache is not null && losses is not { HiddenStates: 0, Layers: 0, Attentions: 0 })
        {
            throw error("teacher_cache",
                "keeps one vector a text and nothing else; set hidden_states, layers and attentions of 'losses' to 0, or leave it out");
        }

        if (stage.Similarity is { Pair: null }) throw error("similarity.pair", "is missing: the column of the second text");
        base.Check(stage, error);
    }

    internal override void CheckModel(StageInput input, ModelConfiguration student)
    {
        var losses = LossesOf(input.Stage);
        try
        {
            using var teacher = new TeacherModel(input.Stage.Teacher!);
            TeacherChecks.Vocabulary(input, input.Stage.Teacher!, teacher);
            TeacherChecks.Length(input, teacher);
            var configuration = teacher.Configuration;
            if (configuration.HiddenSize != student.HiddenSize && losses is not { Cosine: 0, HiddenStates: 0, Layers: 0 })
                throw input.Error("teacher",
                    $"'{input.Stage.Teacher}' is {configuration.HiddenSize} wide and the student {student.HiddenSize}; only similarities " +
                        "can compare the two: set cosine, hidden_states and layers to 0, or take a student of the teacher's width");
            if (losses.Attentions > 0) TeacherChecks.Heads(input, "losses.attentions", student, configuration);
            foreach (var (ours, theirs) in losses.PairsFor(student.LayerCount, configuration.LayerCount)
                .Concat(losses.AttentionPairsFor(student.LayerCount, configuration.LayerCount)))
            {
                if (ours <= student.LayerCount && theirs <= configuration.LayerCount) continue;
                throw input.Error("losses.layer_pairs",
                    $"[{ours}, {theirs}] is beyond the student's {student.LayerCount} or the teacher's {configuration.LayerCount} layers");
            }

            var pooling = SentenceEncoderSettings.Load(input.Stage.Teacher!).Pooling;
            if (pooling != SentencePooling.Mean && losses is not { Cosine: 0, Similarities: 0 }) throw input.Error("teacher",
                $"'{input.Stage.Teacher}' makes its vectors by the pooling {pooling}, and a distillation compares means of tokens; set " +
                    "cosine and similarities to 0, or take a teacher with mean pooling");
        }
        catch (Exception e) when (e is InvalidModelFileException or UnsupportedModelException)
        {
            throw new RecipeException(input.RecipeFile, "teacher", $"the teacher cannot be read: {e.Message}", e);
        }
    }

    internal override StageData Read(StageInput input, CancellationToken cancellationToken) =>
        TextMixtureData.Read(input, cancellationToken);

    internal override ModelConfiguration Configure(ModelConfiguration start, IReadOnlyList<string> labels) => start;

    internal override Graph CreateGraph(StageRecipe stage, ModelConfiguration configuration) => StudentGraph.Create(configuration);

    internal override IReadOnlyList<OutputRequest> Outputs(StageRecipe stage, ModelConfiguration configuration) =>
    [
        new(StudentGraph.Vector),
        new(OutputNames.LastHiddenState),
        .. LossesOf(stage).PairsFor(configuration.LayerCount, configuration.LayerCount)
            .Select(pair => new OutputRequest(OutputNames.HiddenState(pair.Student))),
        .. AttentionInputs.Of(LossesOf(stage).AttentionPairsFor(configuration.LayerCount, configuration.LayerCount)
            .Select(pair => pair.Student)).Select(name => new OutputRequest(name)),
    ];

    internal override StageLearning CreateLearning(
        StageInput input, StageData data, ModelConfiguration configuration, GradientSession session) =>
        new DistillationLearning(input, data, configuration, session);

    // A student is chosen by how near its vectors are to the teacher's; what it is good for is measured by tasks.
    internal override double Score(EvaluationSummary evaluation) =>
        evaluation.Figures.TryGetValue("cosine", out var cosine) ? cosine : base.Score(evaluation);

    internal static DistillationLosses LossesOf(StageRecipe stage) => stage.Losses ?? new DistillationLosses();

    private static bool ArePairs(IReadOnlyList<(int Student, int Teacher)> pairs) =>
        pairs.Count > 0 && pairs.All(pair => pair is ( >= 1 and <= MaxLayer, >= 1 and <= MaxLayer))
            && pairs.DistinctBy(pair => pair.Student).Count() == pairs.Count;
}
