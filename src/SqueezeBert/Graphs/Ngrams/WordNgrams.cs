using SqueezeBert.Checkpoints;
using SqueezeBert.Configuration;

namespace SqueezeBert.Graphs.Ngrams;

/// <summary>
/// The words of a text, and the table rows of their character n-grams, from token ids alone. A word is a piece and the pieces inside a word
/// that follow it; a piece inside a word that follows none (at the beginning of a window) begins one itself. Allocates nothing. Immutable
/// and thread-safe.
/// </summary>
internal sealed class WordNgrams(WordPieces pieces, HashedNgrams ngrams)
{
    /// <summary>Returns the number of tokens of the word that begins with the first of some tokens of a text.</summary>
    /// <param name="ids">The ids of the tokens; at least one.</param>
    /// <param name="positions">Their positions. A piece belongs to the token that is directly before it, which a mask may have removed.
    /// </param>
    public int CountTokens(ReadOnlySpan<int> ids, ReadOnlySpan<int> positions)
    {
        var count = 1;
        if (!IsWord(ids)) return count;
        while (count < ids.Length && positions[count] == positions[count - 1] + 1
            && pieces.KindOf(ids[count]) == PieceKind.Continuation)
        {
            count++;
        }

        return count;
    }

    /// <summary>Returns whether the tokens are a word. A special token has no n-grams.</summary>
    public bool IsWord(ReadOnlySpan<int> word) => pieces.KindOf(word[0]) != PieceKind.None;

    /// <summary>Returns the table rows of a word's n-grams.</summary>
    /// <param name="word">The ids of the word's pieces.</param>
    public NgramBuckets Of(ReadOnlySpan<int> word) => new(pieces, ngrams, word);
}
