using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Tokenization.Words;

/// <summary>
/// The working memory of one thread. It grows to the largest text seen; whatever is larger than a megabyte is dropped after the text.
/// </summary>
internal sealed class Scratch
{
    private const int MinPieces = 128;
    private const int MinPlaces = 256;
    private const int MaxKeptBytes = 1 << 20;

    [ThreadStatic]
    private static Scratch? _current;

    private int[] _pieceIds = new int[MinPieces];
    private int[] _pieceEnds = new int[MinPieces];
    private byte[] _places = new byte[MinPlaces];
    private char[] _tail = new char[128];

    /// <summary>The calling thread's scratch space.</summary>
    internal static Scratch Current => _current ??= new Scratch();

    /// <summary>The word that is being read, unless it is packed.</summary>
    internal NormalizedText Word { get; } = new();

    /// <summary>The part of a normalized text in which added tokens are looked for.</summary>
    internal NormalizedText Window { get; } = new();

    internal Normalizer Normalizer { get; } = new();

    internal WordBatch Words { get; } = new();

    internal TokenBuffer First { get; } = new();

    internal TokenBuffer Second { get; } = new();

    /// <summary>Room for the pieces of a word of <paramref name="length"/> characters: ids and end positions.</summary>
    internal void Pieces(int length, out Span<int> ids, out Span<int> ends)
    {
        if (_pieceIds.Length < length)
        {
            _pieceIds = new int[2 * length];
            _pieceEnds = new int[2 * length];
        }

        ids = _pieceIds;
        ends = _pieceEnds;
    }

    /// <summary>Room for the last characters of a text.</summary>
    internal Span<char> Tail(int length)
    {
        if (_tail.Length < length)
            _tail = new char[length];
        return _tail.AsSpan(0, length);
    }

    /// <summary>The places of the tokens of a part of one text or two, packed (<see cref="PackedPlaces"/>).</summary>
    internal byte[] PackPlaces(TokenBuffer first, (int Start, int End) a, TokenBuffer? second, (int Start, int End) b)
    {
        var length = 0;
        PackedPlaces.Pack(first.Offsets[a.Start..a.End], first.Words[a.Start..a.End], ref _places, ref length);
        if (second is not null)
            PackedPlaces.Pack(second.Offsets[b.Start..b.End], second.Words[b.Start..b.End], ref _places, ref length);
        return _places[..length];
    }

    /// <summary>
    /// Lets go of what an unusually long word or added token made grow; <see cref="First"/> and <see cref="Second"/> stay.
    /// </summary>
    internal void Trim()
    {
        Word.Trim();
        Window.Trim();
        if ((long)_pieceIds.Length * (sizeof(int) + sizeof(int)) > MaxKeptBytes)
            (_pieceIds, _pieceEnds) = (new int[MinPieces], new int[MinPieces]);
    }

    /// <summary>Lets go of <see cref="First"/> and <see cref="Second"/>, and of what unusually many tokens made grow.</summary>
    internal void TrimTokens()
    {
        First.Trim();
        Second.Trim();
        if (_places.Length > MaxKeptBytes)
            _places = new byte[MinPlaces];
    }
}
