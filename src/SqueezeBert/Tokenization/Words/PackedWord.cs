using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace SqueezeBert.Tokenization.Words;

/// <summary>
/// A word of 1 to 16 ASCII characters in one vector, a byte each, padded with zeros: compared and cut without touching memory.
/// </summary>
internal static class PackedWord
{
    /// <summary>The length of the longest packed words.</summary>
    internal const int MaxCharacters = 16;

    private static ReadOnlySpan<byte> Masks =>
    [
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    private static ReadOnlySpan<byte> Positions =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    ];

    /// <summary>The first <paramref name="length"/> characters.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<byte> Prefix(Vector128<byte> word, int length) =>
        word & Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(Masks), (nuint)(MaxCharacters - length));

    /// <summary>What follows the first <paramref name="length"/> characters.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<byte> Rest(Vector128<byte> word, int length) =>
        Vector128.Shuffle(word, Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(Positions), (nuint)length));

    /// <summary>ASCII capitals become small letters where <paramref name="caseBit"/> is 0x20 everywhere; 0 changes nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<byte> ToLower(Vector128<byte> word, Vector128<byte> caseBit) =>
        word | (Vector128.LessThan(word - Vector128.Create((byte)'A'), Vector128.Create((byte)26)) & caseBit);

    /// <summary>Packs a word; false where it is empty, too long or not of ASCII characters from U+0001 on.</summary>
    internal static bool TryPack(ReadOnlySpan<char> word, out Vector128<byte> packed)
    {
        packed = default;
        if (word.Length is 0 or > MaxCharacters)
            return false;
        Span<byte> bytes = stackalloc byte[MaxCharacters];
        bytes.Clear();
        if (Ascii.FromUtf16(word, bytes, out _) != OperationStatus.Done || bytes[..word.Length].Contains((byte)0))
            return false;
        packed = Vector128.Create<byte>(bytes);
        return true;
    }
}
