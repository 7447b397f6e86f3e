using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace SqueezeBert.Fuzz;

/// <summary>Changes bytes in the ways that break readers. The same seed gives the same changes on every platform.</summary>
internal sealed class Mutator(ulong seed)
{
    private const int MaxLength = 1 << 18;
    private static readonly long[] Numbers =
    [
        0, 1, -1, 2, 7, 8, 15, 16, 127, 128, 255, 256, 32767, 32768, 65535, 65536, int.MaxValue, int.MinValue, uint.MaxValue, 1L << 32,
        1L << 40, (1L << 62) - 1, 1L << 62,
        long.MaxValue, long.MinValue, long.MaxValue / 2, long.MaxValue / 4 + 1,
    ];

    private static readonly string[] NumberTexts = ["-0", "1e400", "1e-400", "0.5", "18446744073709551616", "99999999999999999999999999",
        "1e30", "NaN", "null", "true", "\"1\"", "[]", "{}"];
    private ulong _state = seed;

    /// <summary>One change, or up to eight: a file with one fault goes deeper into a reader.</summary>
    public byte[] Mutate(byte[] source, IReadOnlyList<byte[]> corpus, IReadOnlyList<byte[]> words, bool isText)
    {
        var bytes = new List<byte>(source);
        for (var changes = Below(2) == 0 ? 1 : 1 + Below(8); changes > 0; changes--)
        {
            if (bytes.Count == 0) bytes.Add((byte)Below(256));
            Change(bytes, corpus, words, isText);
            if (bytes.Count > MaxLength) bytes.RemoveRange(MaxLength, bytes.Count - MaxLength);
        }

        return [.. bytes];
    }

    /// <summary>A number of 0 to <paramref name="limit"/> - 1 (SplitMix64).</summary>
    public int Below(int limit)
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        z ^= z >> 31;
        return (int)(z % (ulong)limit);
    }

    private void Change(List<byte> bytes, IReadOnlyList<byte[]> corpus, IReadOnlyList<byte[]> words, bool isText)
    {
        var at = Below(bytes.Count);
        switch (Below(14))
        {
            case 0:
                bytes[at] ^= (byte)(1 << Below(8));
                break;
            case 1:
                bytes[at] = (byte)Below(256);
                break;
            case 2:
                bytes[at] = (byte)Numbers[Below(Numbers.Length)];
                break;
            case 3:
                bytes.RemoveRange(at, Math.Min(bytes.Count - at, 1 + Below(1 << Below(10))));
                break;
            case 4 when Below(4) == 0:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 5:
                var copy = bytes.GetRange(at, Math.Min(bytes.Count - at, 1 + Below(1 << Below(10))));
                bytes.InsertRange(Below(bytes.Count + 1), copy);
                break;
            case 6:
                var repeated = bytes.GetRange(at, Math.Min(bytes.Count - at, 1 + Below(16)));
                for (var i = Below(1 << Below(12)); i > 0 && bytes.Count < MaxLength; i--) bytes.InsertRange(at, repeated);
                break;
            case 7 when Below(4) == 0:
                var other = corpus[Below(corpus.Count)];
                var from = Below(other.Length);
                bytes.RemoveRange(at, bytes.Count - at);
                bytes.AddRange(other[from..]);
                break;
            case 8:
                WriteNumber(bytes, at);
                break;
            case 9 or 10 when isText:
                ReplaceNumberText(bytes, at);
                break;
            case 11 when isText:
                var depth = Below(200);
                var (open, close) = Below(2) == 0 ? ("[", "]") : ("{\"a\":", "}");
                bytes.InsertRange(at,
                    Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(open, depth)) + "1"
                        + string.Concat(Enumerable.Repeat(close, Math.Max(0, depth - Below(2))))));
                break;
            case 9 or 10 or 11 or 12:
                bytes.InsertRange(at, words[Below(words.Count)]);
                break;
            default:
                var word = words[Below(words.Count)];
                for (var i = 0; i < word.Length && at + i < bytes.Count; i++) bytes[at + i] = word[i];
                break;
        }
    }

    private void WriteNumber(List<byte> bytes, int at)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, Numbers[Below(Numbers.Length)]);
        var size = 1 << (1 + Below(3));
        for (var i = 0; i < size && at + i < bytes.Count; i++) bytes[at + i] = number[i];
    }

    /// <summary>Puts another number in the place of the digits after a position.</summary>
    private void ReplaceNumberText(List<byte> bytes, int at)
    {
        while (at < bytes.Count && !char.IsAsciiDigit((char)bytes[at])) at++;
        var end = at;
        while (end < bytes.Count && char.IsAsciiDigit((char)bytes[end])) end++;
        bytes.RemoveRange(at, end - at);
        var text = Below(3) == 0 ? NumberTexts[Below(NumberTexts.Length)]
            : Numbers[Below(Numbers.Length)].ToString(CultureInfo.InvariantCulture);
        bytes.InsertRange(at, Encoding.ASCII.GetBytes(text));
    }
}
