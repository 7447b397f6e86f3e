using System.Runtime.Intrinsics;
using SqueezeBert.Checkpoints;
using SqueezeBert.Tokenization.Unicode;
using SqueezeBert.Tokenization.Words;

namespace SqueezeBert.Tokenization.Pieces;

/// <summary>
/// WordPiece: a word is cut greedily into the longest pieces of the vocabulary; where that fails it is the unknown token. Packed words are
/// cut by look-ups of ever shorter prefixes in hash tables, any others by walking a trie.
/// </summary>
internal sealed class WordPieceModel
{
    private readonly Vocabulary _vocabulary;
    private readonly string _prefix;
    private readonly string _source;
    private readonly WordTable _words;
    private readonly WordTable _continuations;
    private readonly Lazy<PieceTrie> _trie;

    internal WordPieceModel(Vocabulary vocabulary, string prefix, int unknownId, int maxInputCharsPerWord, string source)
    {
        _vocabulary = vocabulary;
        _prefix = prefix;
        _source = source;
        UnknownId = unknownId;
        MaxInputCharsPerWord = maxInputCharsPerWord;
        var words = new Vector128<byte>[Math.Max(1, vocabulary.Count)];
        var continuations = new Vector128<byte>[words.Length];
        int wordCount = 0, continuationCount = 0;
        long characters = 0;
        foreach ((var token, var id) in vocabulary.Entries)
        {
            characters += token.Length;
            if (PackedWord.TryPack(token, out words[id]))
                wordCount++;
            if (Continues(token) && PackedWord.TryPack(token.AsSpan(prefix.Length), out continuations[id]))
                continuationCount++;
        }

        _words = new WordTable(words, wordCount);
        _continuations = new WordTable(continuations, continuationCount);
        // Few texts need the trie at all; only a vocabulary that may be too large for it is put to the test at once.
        _trie = new Lazy<PieceTrie>(BuildTrie);
        if (2 * characters >= PieceTrie.MaxNodes)
            _ = _trie.Value;
    }

    /// <summary>The id of words that cannot be cut.</summary>
    internal int UnknownId { get; }

    /// <summary>Words of more Unicode scalar values are unknown.</summary>
    internal int MaxInputCharsPerWord { get; }

    /// <summary>The ids of most of the words that are in the vocabulary as a whole, -1 for the others.</summary>
    internal void FindFirst(ReadOnlySpan<Vector128<byte>> words, Span<int> ids) => _words.FindFirst(words, ids);

    /// <summary>Cuts a packed word: the number of pieces, 0 where it is unknown.</summary>
    internal int Cut(Vector128<byte> word, int length, Span<int> ids, Span<int> ends)
    {
        var table = _words;
        int position = 0, count = 0;
        while (position < length)
        {
            var id = table.FindLongest(word, length - position, out var piece);
            if (id < 0)
                return 0;
            position += piece;
            ids[count] = id;
            ends[count++] = position;
            word = PackedWord.Rest(word, piece);
            table = _continuations;
        }

        return count;
    }

    /// <summary>Cuts any word: the number of pieces, 0 where it is unknown. The caller has checked its length.</summary>
    internal int Cut(ReadOnlySpan<char> word, Span<int> ids, Span<int> ends)
    {
        var trie = _trie.Value;
        var root = PieceTrie.StartRoot;
        int position = 0, count = 0;
        while (position < word.Length)
        {
            var id = trie.LongestMatch(root, word[position..], out var length);
            if (id < 0)
                return 0;
            position += length;
            ids[count] = id;
            ends[count++] = position;
            root = PieceTrie.ContinuationRoot;
        }

        return count;
    }

    private bool Continues(string token) => token.Length > _prefix.Length && token.StartsWith(_prefix, StringComparison.Ordinal);

    private PieceTrie BuildTrie()
    {
        var trie = new PieceTrie();
        var full = false;
        // Punctuation is a word of its own, so a piece such as "##ing" never matches at the start of a word.
        var unreachable = _prefix.Length > 0 && _prefix[0] < 128 && (UnicodeTables.ClassOf(_prefix[0]) & CharacterClass.Punctuation) != 0;
        foreach ((var token, var id) in _vocabulary.Entries)
        {
            if (token.Length == 0)
                continue;
            var continues = Continues(token);
            if (continues)
                full |= !trie.TryAdd(PieceTrie.ContinuationRoot, token.AsSpan(_prefix.Length), id);
            if (!(continues && unreachable))
                full |= !trie.TryAdd(PieceTrie.StartRoot, token, id);
        }

        return full
            ? throw new InvalidModelFileException(
                _source, null, "The vocabulary's tokens are too many or too long: more than 16 million characters that no two share.")
            : trie;
    }
}
