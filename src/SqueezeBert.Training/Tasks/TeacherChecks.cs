using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Training.Distillation;
using SqueezeBert.Training.Starts;

namespace SqueezeBert.Training.Tasks;

/// <summary>Complains, before anything is read, about teachers that do not fit their student.</summary>
internal static class TeacherChecks
{
    /// <summary>A student is compared with its teacher token by token, or text by text as one's tokens have it.</summary>
    public static void Vocabulary(StageInput input, string folder, TeacherModel teacher)
    {
        var (ours, theirs) = (input.Tokenizer, teacher.Tokenizer);
        var difference = ours.Options.LowerCase != theirs.Options.LowerCase ? "one of the two tells upper from lower case" : null;
        if (ours.Vocabulary.Count != theirs.Vocabulary.Count)
            difference = $"{theirs.Vocabulary.Count} pieces there and {ours.Vocabulary.Count} here";
        for (var id = 0; difference is null && id < ours.Vocabulary.Count; id++)
        {
            if (ours.Vocabulary[id] != theirs.Vocabulary[id])
                difference = $"piece {id} is '{theirs.Vocabulary[id]}' there and '{ours.Vocabulary[id]}' here";
        }

        if (difference is null) return;
        throw input.Error("teacher",
            $"'{folder}' has another vocabulary than the student: {difference}; a student learns on the teacher's tokens, " +
                "so make it with the teacher's vocabulary (squeezebert new --from-teacher), or cut the teacher's to the same pieces " +
                "(squeezebert new --from-teacher --keep-pieces)");
    }

    /// <summary>The teacher can read texts as long as the stage's.</summary>
    public static void Length(StageInput input, TeacherModel teacher)
    {
        if (input.Stage.MaxLength > teacher.Configuration.MaxPositionEmbeddings) throw input.Error("max_length",
            $"{input.Stage.MaxLength} is longer than the teacher's max_position_embeddings, {teacher.Configuration.MaxPositionEmbeddings}");
    }

    /// <summary>Teachers of a classifier: classifiers of texts; where layers are compared, of the student's shape.</summary>
    public static void Classifiers(StageInput input, ModelConfiguration student)
    {
        foreach (var folder in input.Stage.AllTeachers)
        {
            try
            {
                using var teacher = new TeacherModel(folder);
                Vocabulary(input, folder, teacher);
                Length(input, teacher);
                if (teacher.Head != ModelHead.SequenceClassification)
                {
                    throw input.Error(
                        "teacher", $"'{folder}' is no classifier of texts, but has a head for {ModelHeads.NameOf(teacher.Head)}");
                }

                if (folder == input.Stage.AllTeachers[0]) Layers(input, student, teacher.Configuration);
            }
            catch (Exception e) when (e is InvalidModelFileException or UnsupportedModelException)
            {
                throw new RecipeException(input.RecipeFile, "teacher", $"the teacher cannot be read: {e.Message}", e);
            }
        }
    }

    /// <summary>
    /// The labels that a stage with teachers has where nothing is said: those of the first teacher, unless they are only numbered.
    /// </summary>
    public static IReadOnlyList<string>? Labels(StageRecipe stage)
    {
        if (!stage.Task.TakesSoftLabels || stage.Teacher is null) return null;
        using var teacher = new TeacherModel(stage.Teacher);
        return TeacherLabels.AreNumbered(teacher.Configuration.Labels) ? null : teacher.Configuration.Labels;
    }

    /// <summary>Attention scores are compared head by head.</summary>
    public static void Heads(StageInput input, string field, ModelConfiguration student, ModelConfiguration teacher)
    {
        if (student.PrunedHeads.Count > 0 || teacher.PrunedHeads.Count > 0)
            throw input.Error(field, "the heads of the teacher or of the student are pruned; leave it out");
        if (student.HeadCount != teacher.HeadCount)
            throw input.Error(field, $"the teacher has {teacher.HeadCount} heads and the student {student.HeadCount}; leave it out");
        if (new[] { student, teacher }.FirstOrDefault(model => !HasScores(model)) is { } without)
            throw input.Error(field, $"the layers of a model of type '{without.ModelType}' have no attention scores; leave it out");

        static bool HasScores(ModelConfiguration model) =>
            ModelGraph.Create(model, ModelHead.None, hasPooler: false).Outputs.ContainsKey(OutputNames.Attention(model.LayerCount - 1));
    }

    private static void Layers(StageInput input, ModelConfiguration student, ModelConfiguration teacher)
    {
        var soft = input.Stage.SoftLabels ?? new SoftLabels();
        if (soft.HiddenStates > 0 && student.HiddenSize != teacher.HiddenSize) throw input.Error("soft_labels.hidden_states",
            $"the teacher is {teacher.HiddenSize} wide and the student {student.HiddenSize}; leave it out");
        if (soft.Attentions > 0) Heads(input, "soft_labels.attentions", student, teacher);
        foreach (var (ours, theirs) in soft.PairsFor(student.LayerCount, teacher.LayerCount))
        {
            if (ours <= student.LayerCount && theirs <= teacher.LayerCount) continue;
            throw input.Error("soft_labels.layer_pairs",
                $"[{ours}, {theirs}] is beyond the student's {student.LayerCount} or the teacher's {teacher.LayerCount} layers");
        }
    }
}
