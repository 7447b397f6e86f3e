namespace SqueezeBert.Training.Running;

/// <summary>What a model took over from its start.</summary>
/// <param name="Count">Parameters that were taken over.</param>
/// <param name="Total">Parameters of the model.</param>
/// <param name="Random">The others, which start from random values, each with the reason.</param>
internal sealed record TakenTensors(int Count, int Total, IReadOnlyList<(string Name, string Reason)> Random)
{
    /// <summary>"12 of 14 tensors taken over; at random: classifier.weight, classifier.bias (of other labels)".</summary>
    public override string ToString()
    {
        var taken = $"{Count} of {Total} tensors taken over";
        if (Count == 0 || Random.Count == 0) return taken;
        var groups = Random.GroupBy(tensor => tensor.Reason)
            .Select(group => $"{string.Join(", ", group.Select(tensor => tensor.Name))} ({group.Key})");
        return $"{taken}; at random: {string.Join("; ", groups)}";
    }
}
