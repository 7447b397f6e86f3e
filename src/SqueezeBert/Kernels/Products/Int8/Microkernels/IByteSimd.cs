namespace SqueezeBert.Kernels.Products.Int8.Microkernels;

/// <summary>
/// The few vector operations of an int8 product, so that a tile is written once for all instruction sets. Without an instruction for bytes,
/// vectors are split into the even and the odd bytes as words. Otherwise the odd ones are not used.
/// </summary>
/// <typeparam name="TVector">
/// The vector type. It is used without a wrapper, so that the compiler reliably keeps each accumulator in a register.
/// </typeparam>
internal unsafe interface IByteSimd<TVector>
    where TVector : struct
{
    /// <summary>The number of sums of a vector, each of four products.</summary>
    static abstract int Count { get; }

    /// <summary>
    /// Returns the number of vectors side by side in a tile for a panel of 16 to 64 columns: 2 or 4. It divides the panel evenly.
    /// </summary>
    static abstract int TileVectors(int width);

    /// <summary>Rows of the highest tile.</summary>
    static abstract int MaximumHeight { get; }

    /// <summary>Returns the start of sums, given the values that compensate for rows that are 128 too large.</summary>
    static abstract TVector Start(int* starts);

    static abstract void Store(int* address, TVector sums);

    /// <summary>Four bytes of each column.</summary>
    static abstract TVector Load(byte* address);

    static abstract TVector EvenWeights(TVector weights);

    static abstract TVector OddWeights(TVector weights);

    /// <summary>The same four bytes of a row for all columns.</summary>
    static abstract TVector Broadcast(byte* address);

    static abstract TVector Even(TVector x);

    static abstract TVector Odd(TVector x);

    /// <summary>sum + even·evenWeights + odd·oddWeights.</summary>
    static abstract TVector MultiplyAdd(TVector even, TVector odd, TVector evenWeights, TVector oddWeights, TVector sum);

    /// <summary>Prefetches a cache line into the second-level cache. Any address is allowed.</summary>
    static abstract void Prefetch(byte* address);
}
