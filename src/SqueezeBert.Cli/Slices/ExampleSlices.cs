namespace SqueezeBert.Cli.Slices;

/// <summary>Some of a task's examples that have something in common.</summary>
/// <param name="Kind">What is looked at: "all", "length", "negation", "rare words", "overlap".</param>
/// <param name="Name">What the examples have in common.</param>
/// <param name="Examples">Their numbers in the task, rising.</param>
internal sealed record ExampleSlice(string Kind, string Name, IReadOnlyList<int> Examples);

/// <summary>Divides a task's examples by properties of their texts.</summary>
internal static class ExampleSlices
{
    /// <summary>
    /// All examples, then: thirds by number of words; with and without a negation; with and without a rare word; of pairs, thirds of the
    /// scale by the share of the distinct words of the text with fewer that the other has too. A slice without an example is left out.
    /// </summary>
    /// <param name="examples">The examples in their order.</param>
    /// <param name="rare">Says which words are rare.</param>
    /// <param name="cancellationToken">Looked at before each example.</param>
    public static IReadOnlyList<ExampleSlice> Of(
        IReadOnlyList<SliceExample> examples, RareWords rare, CancellationToken cancellationToken = default)
    {
        var traits = examples.Select(example =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Trait.Of(example, rare);
        }).ToList();
        if (traits.Count == 0) return [];
        var lengths = traits.Select(trait => trait.Words).Order().ToList();
        var (low, high) = (lengths[(lengths.Count - 1) / 3], lengths[2 * (lengths.Count - 1) / 3]);
        ExampleSlice[] slices =
        [
            Slice("all", "all examples", _ => true),
            Slice("length", Text($"up to {low} words"), trait => trait.Words <= low),
            Slice("length", low + 1 == high ? Text($"{high} words") : Text($"{low + 1} to {high} words"),
                trait => trait.Words > low && trait.Words <= high),
            Slice("length", Text($"more than {high} words"), trait => trait.Words > high),
            Slice("negation", "with a negation", trait => trait.HasNegation),
            Slice("negation", "without a negation", trait => !trait.HasNegation),
            Slice("rare words", "with a rare word", trait => trait.HasRareWord),
            Slice("rare words", "without a rare word", trait => !trait.HasRareWord),
            Slice("overlap", "less than a third of the words shared", trait => trait.Overlap < 1.0 / 3),
            Slice("overlap", "a third to two thirds shared", trait => trait.Overlap is >= 1.0 / 3 and <= 2.0 / 3),
            Slice("overlap", "more than two thirds shared", trait => trait.Overlap > 2.0 / 3),
        ];
        return [.. slices.Where(slice => slice.Examples.Count > 0)];

        ExampleSlice Slice(string kind, string name, Func<Trait, bool> has) =>
            new(kind, name, [.. traits.Index().Where(trait => has(trait.Item)).Select(trait => trait.Index)]);

        static string Text(FormattableString text) => FormattableString.Invariant(text);
    }

    private readonly record struct Trait(int Words, bool HasNegation, bool HasRareWord, double? Overlap)
    {
        public static Trait Of(SliceExample example, RareWords rare)
        {
            var texts = example.Texts.Select(text => TextWords.Of(text).ToList()).ToList();
            return new Trait(
                texts.Sum(words => words.Count),
                texts.Exists(words => words.Exists(TextWords.IsNegation)),
                texts.Exists(words => words.Exists(rare.Contains)),
                texts.Count < 2 ? null : Shared([.. texts[0]], [.. texts[1]]));
        }

        private static double Shared(HashSet<string> one, HashSet<string> other)
        {
            var smaller = Math.Min(one.Count, other.Count);
            return smaller == 0 ? 0 : (double)one.Count(other.Contains) / smaller;
        }
    }
}
