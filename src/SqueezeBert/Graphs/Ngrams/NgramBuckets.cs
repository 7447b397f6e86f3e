using SqueezeBert.Checkpoints;
using SqueezeBert.Configuration;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Ngrams;

/// <summary>
/// The table row of each character n-gram of a word, as an enumerator: by the place where the n-gram begins, then by its length, and the
/// whole word last. The word stands between '&lt;' and '&gt;', as in fastText (Bojanowski et al., 2017), so that its first and last letters
/// differ from the same ones inside. A row may come more than once.
/// </summary>
internal ref struct NgramBuckets
{
    private const int Begin = '<', End = '>';
    private readonly WordPieces _pieces;
    private readonly HashedNgrams _ngrams;
    private readonly ReadOnlySpan<int> _word;

    // Where the current n-gram begins, and the character after it.
    private Place _first = new() { Piece = -1 };
    private Place _next = new() { Piece = -1 };
    private int _length;
    private ulong _hash = HashedNumbers.Empty;
    private bool _isEnded;

    public NgramBuckets(WordPieces pieces, HashedNgrams ngrams, ReadOnlySpan<int> word)
    {
        _pieces = pieces;
        _ngrams = ngrams;
        _word = word;
    }

    public int Current { get; private set; }

    public readonly NgramBuckets GetEnumerator() => this;

    /// <summary>Returns the number of n-grams that are still to come.</summary>
    public readonly int Count()
    {
        var rest = this;
        var count = 0;
        while (rest.MoveNext()) count++;
        return count;
    }

    public bool MoveNext()
    {
        while (!_isEnded)
        {
            if (_length < _ngrams.MaxLength && TryRead(ref _next, out var character))
            {
                _hash = HashedNumbers.Append(_hash, character);
                if (++_length < _ngrams.MinLength) continue;
                Current = BucketOf(_hash);
                return true;
            }

            if (TryRead(ref _first, out _))
            {
                (_next, _length, _hash) = (_first, 0, HashedNumbers.Empty);
                continue;
            }

            _isEnded = true;
            Current = BucketOf(HashOfWord());
            return true;
        }

        return false;
    }

    private readonly ulong HashOfWord()
    {
        var place = new Place { Piece = -1 };
        var hash = HashedNumbers.Empty;
        while (TryRead(ref place, out var character)) hash = HashedNumbers.Append(hash, character);
        return hash;
    }

    /// <summary>Reads a character of the word between its markers. Its pieces are not copied, because a word may have any length.</summary>
    private readonly bool TryRead(ref Place place, out int character)
    {
        if (place.Piece < 0)
        {
            place.Piece = 0;
            character = Begin;
            return true;
        }

        for (; place.Piece < _word.Length; (place.Piece, place.Character) = (place.Piece + 1, 0))
        {
            var characters = _pieces.Characters(_word[place.Piece]);
            if (place.Character >= characters.Length) continue;
            character = characters[place.Character++];
            return true;
        }

        character = End;
        return place.Piece++ == _word.Length;
    }

    /// <summary>FNV-1a hardly changes its upper bits with the last letters, so that the hash is mixed before a row is taken.</summary>
    private readonly int BucketOf(ulong hash) => (int)(((HashedNumbers.Mix(hash) >> 32) * (ulong)_ngrams.Buckets) >> 32);

    /// <summary>A character of the word: the number of its piece, -1 for the marker before the word, and its place in the piece.</summary>
    private struct Place
    {
        public int Piece;
        public int Character;
    }
}
