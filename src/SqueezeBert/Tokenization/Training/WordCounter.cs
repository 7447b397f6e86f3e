using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SqueezeBert.Tokenization.Words;

namespace SqueezeBert.Tokenization.Training;

/// <summary>Counts the words of texts. Not thread-safe: one per thread, then merged.</summary>
internal sealed class WordCounter(WordScanner scanner, int longestWord)
{
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>The words and how often each was seen.</summary>
    internal Dictionary<string, long> Counts => _counts;

    internal void Add(ReadOnlySpan<char> text, CancellationToken cancellationToken)
    {
        var scratch = Scratch.Current;
        var handler = new Handler(_counts, longestWord);
        try
        {
            scanner.Scan(text, 0, ref handler, scratch, cancellationToken);
        }
        finally
        {
            scratch.Trim();
        }
    }

    private readonly struct Handler(Dictionary<string, long> counts, int longestWord) : IWordHandler
    {
        private readonly Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> _lookup =
            counts.GetAlternateLookup<ReadOnlySpan<char>>();

        public int LongestPacked => Math.Min(PackedWord.MaxCharacters, longestWord);

        public int LongestWord => longestWord;

        public bool Packed(WordBatch words)
        {
            Span<char> characters = stackalloc char[PackedWord.MaxCharacters];
            var units = MemoryMarshal.Cast<char, ushort>(characters);
            for (var i = 0; i < words.Count; i++)
            {
                (var low, var high) = Vector128.Widen(words.Words[i]);
                low.CopyTo(units);
                high.CopyTo(units[8..]);
                Count(characters[..(words.Offsets[i].End - words.Offsets[i].Start)]);
            }

            return true;
        }

        public bool Normalized(NormalizedText text, int start, int length, int scalars) =>
            scalars > longestWord || Count(text.Characters.Slice(start, length));

        private bool Count(ReadOnlySpan<char> word)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_lookup, word, out _)++;
            return true;
        }
    }
}
