namespace SqueezeBert.Tokenization.Encodings;

/// <summary>
/// Offsets and word ids in about a byte a token. Unpacked they would be three quarters of an encoding's memory, and most callers never read
/// them. A byte below 128 holds how far the token starts behind the end of the one before (0 to 3), its length (1 to 16) and whether it
/// starts a word; any other token is an escape byte and three numbers.
/// </summary>
internal static class PackedPlaces
{
    private const int MaxGap = 3;
    private const int MaxLength = 16;
    private const int LengthShift = 1;
    private const int GapShift = 5;
    private const byte Escape = 128;

    /// <summary>An escape and three numbers of five bytes.</summary>
    private const int MaxTokenLength = 16;

    /// <summary>Appends the places of a text's tokens to a buffer, which grows as needed.</summary>
    internal static void Pack(ReadOnlySpan<TokenOffset> offsets, ReadOnlySpan<int> words, ref byte[] buffer, ref int length)
    {
        int end = 0, word = -1;
        for (var i = 0; i < offsets.Length; i++)
        {
            if (length + MaxTokenLength > buffer.Length)
                Array.Resize(ref buffer, 2 * (length + MaxTokenLength));
            int gap = offsets[i].Start - end, size = offsets[i].End - offsets[i].Start, step = words[i] - word;
            end = offsets[i].End;
            word = words[i];
            if ((uint)gap <= MaxGap && (uint)(size - 1) < MaxLength && (uint)step <= 1)
            {
                buffer[length++] = (byte)((gap << GapShift) | ((size - 1) << LengthShift) | step);
                continue;
            }

            buffer[length++] = Escape;
            Write(gap, buffer, ref length);
            Write(size, buffer, ref length);
            Write(step, buffer, ref length);
        }
    }

    /// <summary>
    /// Reads the places of a text's tokens from <paramref name="position"/> on: as many as the spans that are not empty are long.
    /// </summary>
    internal static void Unpack(ReadOnlySpan<byte> packed, ref int position, Span<TokenOffset> offsets, Span<int> words)
    {
        int end = 0, word = -1;
        var count = Math.Max(offsets.Length, words.Length);
        for (var i = 0; i < count; i++)
        {
            int code = packed[position++];
            int start;
            if (code != Escape)
            {
                start = end + (code >> GapShift);
                end = start + ((code >> LengthShift) & (MaxLength - 1)) + 1;
                word += code & 1;
            }
            else
            {
                start = end + Read(packed, ref position);
                end = start + Read(packed, ref position);
                word += Read(packed, ref position);
            }

            if (offsets.Length > 0)
                offsets[i] = new TokenOffset(start, end);
            if (words.Length > 0)
                words[i] = word;
        }
    }

    // Seven bits a byte, the low ones first; the sign is the lowest bit.
    private static void Write(int value, byte[] buffer, ref int length)
    {
        var rest = (uint)((value << 1) ^ (value >> 31));
        for (; rest > 127; rest >>= 7)
            buffer[length++] = (byte)(rest | 128);
        buffer[length++] = (byte)rest;
    }

    private static int Read(ReadOnlySpan<byte> packed, ref int position)
    {
        uint value = 0;
        byte next;
        var shift = 0;
        do
        {
            next = packed[position++];
            value |= (uint)(next & 127) << shift;
            shift += 7;
        }
        while (next > 127);
        return (int)(value >> 1) ^ -(int)(value & 1);
    }
}
