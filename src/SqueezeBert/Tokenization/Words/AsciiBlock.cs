using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SqueezeBert.Tokenization.Words;

/// <summary>
/// What 64 consecutive characters are, a bit each. White space and ASCII punctuation have the same meaning whatever the tokenizer's
/// options; everything that is neither, nor an ASCII letter or digit, is called other and is looked at one by one.
/// </summary>
internal readonly struct AsciiBlock
{
    /// <summary>The number of characters of a block.</summary>
    internal const int Length = 64;

    private AsciiBlock(ulong words, ulong punctuation, ulong others)
    {
        Words = words;
        Punctuation = punctuation;
        Others = others;
    }

    /// <summary>Letters, digits and others: what words may be made of.</summary>
    internal ulong Words { get; }

    /// <summary>ASCII punctuation: a word each.</summary>
    internal ulong Punctuation { get; }

    /// <summary>Control characters and what is not ASCII.</summary>
    internal ulong Others { get; }

    /// <summary>The first characters of words.</summary>
    internal ulong Starts => (Words & ~(Words << 1)) | Punctuation;

    /// <summary>Classifies the 64 characters from <paramref name="start"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static AsciiBlock Load(ref ushort start)
    {
        ulong alphanumerics = 0, spaces = 0, printables = 0;
        for (var i = 0; i < Length; i += Vector128<byte>.Count)
        {
            var c = Narrow(ref start, i);
            var letters = Vector128.LessThan(
                (c | Vector128.Create((byte)0x20)) - Vector128.Create((byte)'a'), Vector128.Create((byte)26));
            var digits = Vector128.LessThan(c - Vector128.Create((byte)'0'), Vector128.Create((byte)10));
            var space = Vector128.Equals(c, Vector128.Create((byte)' ')) | Vector128.Equals(c, Vector128.Create((byte)'\t'))
                | Vector128.Equals(c, Vector128.Create((byte)'\n')) | Vector128.Equals(c, Vector128.Create((byte)'\r'));
            var printable = Vector128.LessThan(c - Vector128.Create((byte)'!'), Vector128.Create((byte)('~' - '!' + 1)));
            alphanumerics |= (ulong)(letters | digits).ExtractMostSignificantBits() << i;
            spaces |= (ulong)space.ExtractMostSignificantBits() << i;
            printables |= (ulong)printable.ExtractMostSignificantBits() << i;
        }

        var others = ~(printables | spaces);
        return new AsciiBlock(alphanumerics | others, printables & ~alphanumerics, others);
    }

    /// <summary>16 characters as bytes; those beyond ASCII become bytes that are not printable.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<byte> Narrow(ref ushort start, int offset)
    {
        Vector128<ushort> first = Vector128.LoadUnsafe(ref start, (nuint)offset),
            second = Vector128.LoadUnsafe(ref start, (nuint)offset + 8);
        // One instruction: it takes its input as signed, so that large characters become 0 and the others 255.
        return Sse2.IsSupported ? Sse2.PackUnsignedSaturate(first.AsInt16(), second.AsInt16())
            : Vector128.NarrowWithSaturation(first, second);
    }
}
