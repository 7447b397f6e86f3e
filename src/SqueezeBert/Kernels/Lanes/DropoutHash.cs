namespace SqueezeBert.Kernels.Lanes;

/// <summary>
/// The random numbers of dropout: a hash of the key of a row and the index of the element. It consists of two rounds from Wellons' "hash
/// prospector", with the high half of the key mixed in between them.
/// </summary>
internal static class DropoutHash
{
    public const uint Increment = 0x9E3779B9, FirstFactor = 0x21F0AAAD, SecondFactor = 0x735A2D97;
    public const int FirstShift = 16, OtherShift = 15;

    /// <summary>Returns the number whose hash gives the bits of an element.</summary>
    public static uint Counter(ulong key, int index) => (uint)key + ((uint)index * Increment);

    /// <summary>32 random bits for an element.</summary>
    public static uint Bits(ulong key, int index)
    {
        var x = Counter(key, index);
        x = (x ^ (x >> FirstShift)) * FirstFactor;
        x ^= (uint)(key >> 32);
        x = (x ^ (x >> OtherShift)) * SecondFactor;
        return x ^ (x >> OtherShift);
    }
}
