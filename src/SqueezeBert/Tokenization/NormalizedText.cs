using System.Runtime.CompilerServices;

namespace SqueezeBert.Tokenization;

/// <summary>A growing buffer of normalized UTF-16 characters, each with the part of the original text it comes from. Reused, one per thread.</summary>
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Append(int codePoint, int start, int end)
    {
        if (Length + 2 > _characters.Length)
            Grow();
        int n = Length;
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
        int size = checked(_characters.Length * 2);
        Array.Resize(ref _characters, size);
        Array.Resize(ref _starts, size);
        Array.Resize(ref _ends, size);
    }
}
