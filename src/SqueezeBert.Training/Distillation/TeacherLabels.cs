namespace SqueezeBert.Training.Distillation;

/// <summary>How the classes of a teacher stand to those of its student.</summary>
internal static class TeacherLabels
{
    /// <summary>Whether the labels say only their numbers.</summary>
    public static bool AreNumbered(IReadOnlyList<string> labels) => labels.Select((name, id) => name == $"LABEL_{id}").All(same => same);

    /// <summary>For each of the student's labels its id in the teacher. Labels that are only numbered are the student's.</summary>
    /// <exception cref="ArgumentException">The labels are not the same; the message says which they are.</exception>
    public static int[] Order(string folder, IReadOnlyList<string> theirs, IReadOnlyList<string> ours)
    {
        if (theirs.Count == ours.Count && AreNumbered(theirs)) return [.. Enumerable.Range(0, ours.Count)];
        var ids = theirs.Select((name, id) => (name, id)).ToDictionary(pair => pair.name, pair => pair.id, StringComparer.Ordinal);
        return theirs.Count == ours.Count && ours.All(ids.ContainsKey) ? [.. ours.Select(name => ids[name])]
            : throw new ArgumentException(
                $"'{folder}' has the labels {string.Join(", ", theirs)}, and the stage {string.Join(", ", ours)}");
    }
}
