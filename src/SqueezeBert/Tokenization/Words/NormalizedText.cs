using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SqueezeBert.Tokenization.Words;

/// <summary>
/// A growing buffer of normalized UTF-16 characters, each with the part of the original text it comes from. Reused, one per thread.
/// </summary>
internal sealed class NormalizedText : INormalizedSink
{
    private const int MinCapacity = 256;
    private const int MaxKeptBytes = 1 << 20;
    private const int BytesPerCharacter = sizeof(char) + sizeof(int) + sizeof(int);

    private char[] _characters = new char[MinCapacity];
    private int[] _starts = new int[MinCapacity];
    private int[] _ends = new int[MinCapacity];

    /// <summary>False: the buffer takes any number of characters.</summary>
    public bool IsStopped => false;

    internal int Length { get; private set; }

    internal ReadOnlySpan<char> Characters => _characters.AsSpan(0, Length);

    internal void Clear() => Length = 0;

    /// <summary>Lets go of all characters, and of the memory where that is more than a megabyte.</summary>
    internal void Trim()
    {
        Clear();
        if ((long)_characters.Length * BytesPerCharacter <= MaxKeptBytes)
            return;
        _characters = new char[MinCapacity];
        _starts = new int[MinCapacity];
        _ends = new int[MinCapacity];
    }

    /// <summary>Lets go of the first characters.</summary>
    internal void RemoveFirst(int count)
    {
        Length -= count;
        Array.Copy(_characters, count, _characters, 0, Length);
        Array.Copy(_starts, count, _starts, 0, Length);
        Array.Copy(_ends, count, _ends, 0, Length);
    }

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

    /// <summary>
    /// Appends a character of a word. Of a word of more than <paramref name="longest"/> scalar values only so many and one more are kept,
    /// whatever its length; where it ends is where its last character does.
    /// </summary>
    /// <param name="codePoint">The character.</param>
    /// <param name="start">Where its original starts.</param>
    /// <param name="end">Where its original ends.</param>
    /// <param name="scalars">The scalar values of the word that are kept.</param>
    /// <param name="longest">The most scalar values of a word that matter.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void AppendToWord(int codePoint, int start, int end, ref int scalars, int longest)
    {
        if (scalars > longest)
        {
            _ends[Length - 1] = end;
            return;
        }

        Append(codePoint, start, end);
        scalars++;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(int codePoint, int start, int end)
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
