using System.Text;

namespace SqueezeBert.Graphs.Parameters;

/// <summary>
/// Numbers that depend only on a name, an index and a seed. They have the same bits on every platform, in any order and for any number of
/// threads.
/// </summary>
internal static class HashedNumbers
{
    /// <summary>The hash of the empty text, from which <see cref="Append"/> goes on.</summary>
    public const ulong Empty = 0xCBF29CE484222325;

    private const ulong FnvPrime = 0x100000001B3;

    /// <summary>Returns the 64-bit FNV-1a hash of the text in UTF-8. A lone surrogate counts as U+FFFD.</summary>
    public static ulong Hash(ReadOnlySpan<char> text)
    {
        var hash = Empty;
        foreach (var rune in text.EnumerateRunes()) hash = Append(hash, rune.Value);
        return hash;
    }

    /// <summary>Returns the hash of a text with one more character, given the hash of the text.</summary>
    /// <param name="hash">The hash of what is before the character.</param>
    /// <param name="character">A code point that is no surrogate.</param>
    public static ulong Append(ulong hash, int character)
    {
        if (character < 0x80) return (hash ^ (uint)character) * FnvPrime;
        Span<byte> bytes = stackalloc byte[4];
        var count = new Rune(character).EncodeToUtf8(bytes);
        for (var i = 0; i < count; i++) hash = (hash ^ bytes[i]) * FnvPrime;
        return hash;
    }

    /// <summary>
    /// One step of SplitMix64 (Steele, Lea and Flood, 2014): a bijection in which every input bit affects every output bit.
    /// </summary>
    public static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
