namespace SqueezeBert.Checkpoints;

/// <summary>The result of comparing the tensors of a checkpoint with the parameters of the model that its config.json describes.</summary>
/// <param name="Missing">
/// The parameters that the file does not contain, under the names of the model. A model with missing parameters cannot be loaded.
/// </param>
/// <param name="Unused">
/// The tensors that the model does not use, under the names of the file. An example is the tensors of another head.
/// </param>
/// <param name="Ignored">
/// The tensors that carry no information of their own: position indices in old files, and second copies of tied parameters.
/// </param>
public sealed record WeightReport(IReadOnlyList<string> Missing, IReadOnlyList<string> Unused, IReadOnlyList<string> Ignored)
{
    /// <summary>Whether the file contains every parameter.</summary>
    public bool IsComplete => Missing.Count == 0;

    /// <summary>Describes the missing and the unused tensors in one line.</summary>
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
