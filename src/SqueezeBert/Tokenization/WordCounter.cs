using System.Runtime.InteropServices;

namespace SqueezeBert.Tokenization;

/// <summary>Counts the words of texts. Not thread-safe: one per thread, then merged.</summary>
internal sealed class WordCounter(WordScanner scanner, int longestWord)
{
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>The words and how often each was seen.</summary>
    internal Dictionary<string, long> Counts => _counts;

    internal void Add(ReadOnlySpan<char> text)
    {
        var handler = new Handler(_counts, scanner.Settings.LowerCase, longestWord, Scratch.Current);
        scanner.Scan(text, 0, ref handler, Scratch.Current);
        Scratch.Current.Trim();
    }

    private readonly struct Handler(Dictionary<string, long> counts, bool lowerCase, int longestWord, Scratch scratch) : IWordHandler
    {
        private readonly Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> _lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        private readonly char _lowerCaseBit = (char)(lowerCase ? 0x20 : 0);

        public bool AsciiWord(ReadOnlySpan<char> text, int start, int length, ulong low, ulong high)
        {
            if (length > longestWord)
                return true;
            Span<char> word = scratch.Word(length);
            for (int i = 0; i < length; i++)
                word[i] = (char)(text[start + i] | _lowerCaseBit);
            return Count(word);
        }

        public bool Punctuation(ReadOnlySpan<char> text, int start, int length) => Count(text.Slice(start, length));

        public bool NormalizedWord(NormalizedText text, int start, int length, int scalars) =>
            scalars > longestWord || Count(text.Characters.Slice(start, length));

        private bool Count(ReadOnlySpan<char> word)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_lookup, word, out _)++;
            return true;
        }
    }
}
