using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Training.Data;

/// <summary>
/// Converts texts and pairs to examples of at most <paramref name="maxLength"/> tokens, by truncation or in the windows in which the
/// pipelines read them.
/// </summary>
internal sealed class ExampleWindows(BertTokenizer tokenizer, int maxLength, LongText longText)
{
    private readonly int[] _ids = new int[maxLength];

    /// <summary>Adds a text and returns the number of examples.</summary>
    /// <exception cref="ArgumentException">The windows contain no more tokens of the text than they share.</exception>
    /// <param name="set">Receives the examples.</param>
    /// <param name="tokens">The tokens of the text, without special tokens.</param>
    /// <param name="label">The label of each example.</param>
    /// <param name="text">The number of the text in the set.</param>
    /// <param name="overlap">
    /// The number of tokens that a window shares with the previous one. Null means half a window, as in the pipelines.
    /// </param>
    public int Add(ExampleSet set, ReadOnlySpan<int> tokens, int label, int text, int? overlap)
    {
        var room = maxLength - SequenceLayout.SpecialTokensOfText;
        var count = longText == LongText.Truncate ? Math.Min(tokens.Length, room) : tokens.Length;
        Check(count, room, room, overlap);
        var windows = new WeightedWindows(count, room, overlap ?? TokenWindows.HalfOf(room));
        while (windows.MoveNext())
        {
            var window = tokens[windows.Range];
            Add(set, new SequenceLayout(window.Length, null, Special: true), window, [], label, text, windows.Weight);
        }

        return windows.WindowCount;
    }

    /// <summary>Adds a pair of texts and returns the number of examples.</summary>
    /// <inheritdoc cref="Add(ExampleSet, ReadOnlySpan{int}, int, int, int?)"/>
    public int Add(ExampleSet set, ReadOnlySpan<int> first, ReadOnlySpan<int> second, int label, int text, int? overlap)
    {
        var room = maxLength - SequenceLayout.SpecialTokensOfPair;
        var windows = new PairWindows(first.Length, second.Length, room, longText, overlap);
        Check(windows.TokenCount, room, windows.Size, overlap);
        while (windows.MoveNext())
        {
            var a = first[windows.First];
            var b = second[windows.Second];
            Add(set, new SequenceLayout(a.Length, b.Length, Special: true), a, b, label, text, windows.Weight);
        }

        return windows.WindowCount;
    }

    private static void Check(int count, int room, int size, int? overlap)
    {
        if (count <= room || size > (overlap ?? 0)) return;
        throw new ArgumentException(
            $"a window has room for {size} tokens of it and shares {overlap ?? 0} with the one before; lower the stride or raise the " +
                "length");
    }

    private void Add(
        ExampleSet set, in SequenceLayout layout, ReadOnlySpan<int> first, ReadOnlySpan<int> second, int label, int text, float weight)
    {
        var ids = _ids.AsSpan(0, layout.Length);
        tokenizer.WriteSequence(layout, first, second, ids);
        set.Add(ids, layout.SecondStart, label, text, weight);
    }
}
