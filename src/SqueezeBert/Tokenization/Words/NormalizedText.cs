using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SqueezeBert.Tokenization.Words;

/// <summary>
/// A growing buffer of normalized UTF-16 characters, each with the part of the original text it comes from. Reused, one per thread.
/// </summary>
internal sealed class NormalizedText
{
    private char[] _characters = new char[256];
    private int[] _starts = new int[256];
    private int[] _ends = new int[256];

    internal int Length { get; private set; }

    internal ReadOnlySpan<char> Characters => _characters.AsSpan(0, Length);

    internal int Capacity => _characters.Length;

    internal void Clear() => Length = 0;

    /// <summary>Where the original of the character at <paramref name="index"/> starts, in UTF-16 units.</summary>
    internal int StartAt(int index) => _starts[index];

    /// <summary>Where the original of the character at <paramref name="index"/> ends, in UTF-16 units.</summary>
    internal int EndAt(int index) => _ends[index];

    /// <summary>Packs a word; false where it is too long or not of ASCII characters from U+0001 on.</summary>
    internal bool TryPack(int start, int length, out Vector128<byte> word)
    {
        word = default;
        if (length > PackedWord.MaxCharacters)
            return false;
        // Readable beyond the text: the buffer is always that much longer.
        var characters = AsciiBlock.Narrow(ref Unsafe.As<char, ushort>(ref _characters[start]), 0);
        word = PackedWord.Prefix(characters, length);
        var ascii = Vector128.LessThan(word - Vector128<byte>.One, Vector128.Create((byte)127));
        return BitOperations.TrailingZeroCount(~ascii.ExtractMostSignificantBits()) >= length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Append(int codePoint, int start, int end)
    {
        if (Length + 2 + PackedWord.MaxCharacters > _characters.Length)
            Grow();
        var n = Length;
        _starts[n] = start;
        _ends[n] = end;
        if (codePoint < 0x10000)
        {
            _characters[n] = (char)codePoint;
            Length = n + 1;
            return;
        }

        _characters[n] = (char)(0xD800 + ((codePoint - 0x10000) >> 10));
        _characters[n + 1] = (char)(0xDC00 + ((codePoint - 0x10000) & 0x3FF));
        _starts[n + 1] = start;
        _ends[n + 1] = end;
        Length = n + 2;
    }

    private void Grow()
    {
        var size = checked(_characters.Length * 2);
        Array.Resize(ref _characters, size);
        Array.Resize(ref _starts, size);
        Array.Resize(ref _ends, size);
    }
}
