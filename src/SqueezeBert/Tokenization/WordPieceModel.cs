using SqueezeBert.Checkpoints;

namespace SqueezeBert.Tokenization;

/// <summary>WordPiece: a word is cut greedily into the longest pieces of the vocabulary; where that fails it is the unknown token.</summary>
internal sealed class WordPieceModel
{
    private readonly PieceTrie _trie = new();

    internal WordPieceModel(Vocabulary vocabulary, string prefix, int unknownId, int maxInputCharsPerWord, string source)
    {
        UnknownId = unknownId;
        MaxInputCharsPerWord = maxInputCharsPerWord;
        var words = new List<(ulong, ulong, int)>(vocabulary.Count);
        // Punctuation is a word of its own, so a piece such as "##ing" never matches at the start of a word.
        bool unreachable = prefix.Length > 0 && prefix[0] < 128 && (UnicodeTables.ClassOf(prefix[0]) & CharacterClass.Punctuation) != 0;
        bool full = false;
        foreach ((string token, int id) in vocabulary.Entries)
        {
            if (token.Length == 0)
                continue;
            bool continues = token.Length > prefix.Length && token.StartsWith(prefix, StringComparison.Ordinal);
            if (continues)
                full |= !_trie.TryAdd(PieceTrie.ContinuationRoot, token.AsSpan(prefix.Length), id);
            if (!(continues && unreachable))
                full |= !_trie.TryAdd(PieceTrie.StartRoot, token, id);
            if (token.Length <= WordTable.LongestWord && maxInputCharsPerWord >= WordTable.LongestWord && WordTable.TryPack(token, out ulong low, out ulong high))
                words.Add((low, high, id));
        }

        Words = new WordTable(words);
        if (full)
            throw new InvalidModelFileException(source, null, "The vocabulary's tokens are too many or too long: more than 16 million characters that no two share.");
        for (int c = 0; c < 128; c++)
        {
            char character = (char)c;
            AsciiIds[c] = FindSingle(new ReadOnlySpan<char>(in character));
        }
    }

    /// <summary>The id of words that cannot be cut.</summary>
    internal int UnknownId { get; }

    /// <summary>Words of more Unicode scalar values are unknown.</summary>
    internal int MaxInputCharsPerWord { get; }

    /// <summary>The ids of words of one ASCII character.</summary>
    internal int[] AsciiIds { get; } = new int[128];

    /// <summary>Whole words by their packed characters.</summary>
    internal WordTable Words { get; }

    /// <summary>The id of a word of one scalar value (1 or 2 UTF-16 units).</summary>
    internal int FindSingle(ReadOnlySpan<char> word)
    {
        int id = _trie.LongestMatch(PieceTrie.StartRoot, word, out int length);
        return id >= 0 && length == word.Length && MaxInputCharsPerWord > 0 ? id : UnknownId;
    }

    /// <summary>Cuts a word and returns the number of pieces, 0 where it is unknown. The caller has checked its length.</summary>
    internal int Cut(ReadOnlySpan<char> word, Span<int> ids, Span<int> ends)
    {
        int root = PieceTrie.StartRoot;
        int position = 0, count = 0;
        while (position < word.Length)
        {
            int id = _trie.LongestMatch(root, word[position..], out int length);
            if (id < 0)
                return 0;
            position += length;
            ids[count] = id;
            ends[count++] = position;
            root = PieceTrie.ContinuationRoot;
        }

        return count;
    }
}
