namespace SqueezeBert.Training.Distillation;

/// <summary>Matches the classes of a teacher to those of its student.</summary>
internal static class TeacherLabels
{
    /// <summary>Returns whether the labels are only numbered.</summary>
    public static bool AreNumbered(IReadOnlyList<string> labels) => labels.Select((name, id) => name == $"LABEL_{id}").All(same => same);

    /// <summary>
    /// Returns the id in the teacher for each label of the student. Labels that are only numbered are considered those of the student.
    /// </summary>
    /// <exception cref="ArgumentException">The labels are not the same. The message lists them.</exception>
    public static int[] Order(string folder, IReadOnlyList<string> theirs, IReadOnlyList<string> ours)
    {
        if (theirs.Count == ours.Count && AreNumbered(theirs)) return [.. Enumerable.Range(0, ours.Count)];
        var ids = theirs.Select((name, id) => (name, id)).ToDictionary(pair => pair.name, pair => pair.id, StringComparer.Ordinal);
        return theirs.Count == ours.Count && ours.All(ids.ContainsKey) ? [.. ours.Select(name => ids[name])]
            : throw new ArgumentException(
                $"'{folder}' has the labels {string.Join(", ", theirs)}, and the stage {string.Join(", ", ours)}");
    }
}
