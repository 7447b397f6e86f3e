namespace SqueezeBert.Cli.Slices;

/// <summary>What slices are made of.</summary>
/// <param name="Text">The text, or the first of a pair; of a question the question.</param>
/// <param name="Pair">The second text; of a question the paragraph. Null for a text alone.</param>
internal readonly record struct SliceExample(string Text, string? Pair)
{
    /// <summary>Both texts.</summary>
    public IEnumerable<string> Texts => Pair is null ? [Text] : [Text, Pair];
}
