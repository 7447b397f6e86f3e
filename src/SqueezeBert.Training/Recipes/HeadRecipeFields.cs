namespace SqueezeBert.Training.Recipes;

/// <summary>From JSON to the heads of a joint stage.</summary>
internal static class HeadRecipeFields
{
    /// <param name="o">The object of the head.</param>
    /// <param name="folder">The recipe's folder, which relative folders of teachers are relative to.</param>
    public static HeadRecipe Read(StrictObject o, string folder)
    {
        var tasks = TrainingTasks.All.Where(task => !task.HasHeads && !task.HasTeacher).ToList();
        var task = o.Choice("task", null, [.. tasks.Select(task => (task.Name, (TrainingTask?)task))])
            ?? throw o.Error("task", $"is missing: {string.Join(", ", tasks.SkipLast(1))} or {tasks[^1]}");
        var data = o.Objects("data");
        if (data.Count == 0) throw o.Error("data", "at least one file is needed");
        var defaults = new HeadRecipe { Name = "", Task = task, Data = [] };
        var evaluation = o.Objects("evaluation").Select(source => RecipeReader.ReadSource(source, task)).ToList();
        var teachers = DistillationFields.ReadTeachers(o, folder);
        var head = new HeadRecipe
        {
            Name = o.Text("name") ?? throw o.Error("name", "is missing: what the checkpoint calls the head"),
            Task = task,
            Data = [.. data.Select(source => RecipeReader.ReadSource(source, task))],
            Evaluation = evaluation.Count > 0 ? evaluation : defaults.Evaluation,
            HeldOut = (int)(o.Integer("held_out", 0, 1 << 30) ?? (evaluation.Count > 0 ? 0 : defaults.HeldOut)),
            Weight = o.Number("weight", 0, 1000, excludeMinimum: true) ?? defaults.Weight,
            Labels = RecipeReader.ReadLabels(o),
            ClassWeights = o.Numbers("class_weights"),
            LabelSmoothing = o.Number("label_smoothing", 0, 0.99) ?? 0,
            HashedNgrams = RecipeReader.ReadNgrams(o),
            MaskProbability = o.Number("mask_probability", 0, 1, excludeMinimum: true) ?? defaults.MaskProbability,
            MaxLength = (int?)o.Integer("max_length", 3, 1 << 20),
            LongText = o.Choice("long_texts", LongText.Truncate, ("truncate", LongText.Truncate), ("windows", LongText.Windows)),
            Stride = (int)(o.Integer("stride", 0, 1 << 20) ?? 0),
            Teacher = teachers.Count > 0 ? teachers[0] : null,
            OtherTeachers = teachers.Count > 1 ? [.. teachers.Skip(1)] : defaults.OtherTeachers,
            SoftLabels = o.Object("soft_labels") is { } soft ? DistillationFields.ReadSoftLabels(soft) : null,
            TeacherCache = o.Text("teacher_cache") is { } cache ? Path.GetFullPath(cache, folder) : null,
        };
        o.End();
        return head;
    }
}
