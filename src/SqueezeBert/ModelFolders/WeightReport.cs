namespace SqueezeBert.Checkpoints;

/// <summary>How a checkpoint and the model that its config.json describes fit together, by names.</summary>
/// <param name="Missing">Parameters that the file lacks, as the model calls them. A model with missing parameters is not loaded.</param>
/// <param name="Unused">Tensors that the model does not use, as the file calls them: those of another head, say.</param>
/// <param name="Ignored">Tensors that hold nothing of their own: the indices of old files' positions, second copies of tied
/// parameters.</param>
public sealed record WeightReport(IReadOnlyList<string> Missing, IReadOnlyList<string> Unused, IReadOnlyList<string> Ignored)
{
    /// <summary>Whether every parameter is there.</summary>
    public bool IsComplete => Missing.Count == 0;

    /// <summary>One line: what is missing and what is not used.</summary>
    public override string ToString() => (Missing.Count, Unused.Count) switch
    {
        (0, 0) => "every parameter is there and every tensor is used",
        (0, _) => $"every parameter is there; not used: {List(Unused)}",
        (_, 0) => $"missing: {List(Missing)}",
        _ => $"missing: {List(Missing)}; not used: {List(Unused)}",
    };

    private static string List(IReadOnlyList<string> names)
    {
        const int MaxShown = 5;
        var text = string.Join(", ", names.Take(MaxShown));
        return names.Count > MaxShown ? $"{text} and {names.Count - MaxShown} more" : text;
    }
}
