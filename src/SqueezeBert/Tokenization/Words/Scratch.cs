using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Tokenization.Words;

/// <summary>The working memory of one thread. It grows to the largest text seen and is dropped when that was unusually large.</summary>
internal sealed class Scratch
{
    private const int MaxKept = 1 << 20;

    [ThreadStatic]
    private static Scratch? _current;

    private int[] _pieceIds = new int[128];
    private int[] _pieceEnds = new int[128];
    private byte[] _places = new byte[256];
    private char[] _tail = new char[128];

    /// <summary>The calling thread's scratch space.</summary>
    internal static Scratch Current => _current ??= new Scratch();

    internal NormalizedText Normalized { get; } = new();

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

    /// <summary>Lets go of what an unusually large text made grow.</summary>
    internal void Trim()
    {
        if (Math.Max(Math.Max(Normalized.Capacity, Normalizer.Capacity), Math.Max(First.Capacity, Second.Capacity)) > MaxKept)
            _current = null;
    }
}
