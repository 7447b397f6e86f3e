namespace SqueezeBert.Graphs.Parameters;

/// <summary>
/// Numbers that depend only on a name, an index and a seed. They have the same bits on every platform, in any order and for any number of
/// threads.
/// </summary>
internal static class HashedNumbers
{
    private const ulong FnvOffset = 0xCBF29CE484222325, FnvPrime = 0x100000001B3;

    /// <summary>Returns the 64-bit FNV-1a hash of the text in UTF-8. A lone surrogate counts as U+FFFD.</summary>
    public static ulong Hash(ReadOnlySpan<char> text)
    {
        var hash = FnvOffset;
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var count = rune.EncodeToUtf8(bytes);
            for (var i = 0; i < count; i++) hash = (hash ^ bytes[i]) * FnvPrime;
        }

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
