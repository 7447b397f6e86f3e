namespace SqueezeBert.Kernels.Products.Int8.Microkernels;

/// <summary>
/// The arguments of a tile of an int8 product. It computes the exact sums c = Σₖ a·b for a few rows of a and one to four vectors of
/// columns, all in registers. The tiles contain no calls, because a single call would make the compiler keep the sums in memory.
/// </summary>
internal unsafe struct ByteTileArguments
{
    /// <summary>The first row. Consecutive rows are <see cref="ARowStride"/> bytes apart.</summary>
    public byte* A;
    public nint ARowStride;

    /// <summary>
    /// Four bytes for each column, followed by the next four. Consecutive groups of four are <see cref="BStep"/> bytes apart. Of words,
    /// a strip of 16 columns (<see cref="Int8Matrix"/>), whose groups follow each other.
    /// </summary>
    public byte* B;
    public nint BStep;

    /// <summary>A quarter of the length of the sums, at least 1.</summary>
    public nint Quads;

    public int* C;

    /// <summary>The number of integers from one row to the next.</summary>
    public nint CStride;

    /// <summary>The start value of each column's sum: of bytes if a is read as unsigned, 128 too large; of words always.</summary>
    public int* Starts;

    /// <summary>
    /// The memory that is read after this product, or null. It is prefetched at an even pace while the product is computed.
    /// </summary>
    public byte* Prefetch;
    public nint PrefetchBytes;

    /// <summary>The number of bytes of <see cref="Prefetch"/> for four terms of the sums.</summary>
    public nint PrefetchStep;

    /// <summary>
    /// Null if the sums are wanted. Otherwise the address of the results, for implementations that can complete them
    /// (<see cref="ByteTiles.CanFinish"/>): activation(float(sum)·(scale of the row · scale of the column) + bias) + residual. The scale of
    /// a row follows its elements.
    /// </summary>
    public float* Result;
    public nint ResultStride;

    /// <summary>The scales of the columns.</summary>
    public float* Scales;

    /// <summary>The bias of the columns, or null.</summary>
    public float* Bias;

    /// <summary>1 for ReLU, 0 for no activation.</summary>
    public nint IsRelu;

    /// <summary>The residual, or null. Consecutive rows are <see cref="ResidualStride"/> elements apart.</summary>
    public float* Residual;
    public nint ResidualStride;

    /// <summary>
    /// Distributes the memory to be prefetched over that many tiles. The caller that runs the tiles advances <see cref="Prefetch"/>.
    /// </summary>
    public void SpreadPrefetch(int tiles)
    {
        // A single row of tiles reads memory as fast as it comes; asking for more only gets in its way.
        var steps = Quads * tiles;
        var isPrefetching = Prefetch is not null && tiles > 1;
        PrefetchStep = isPrefetching ? (PrefetchBytes + steps - 1) / steps : 0;
        if (!isPrefetching)
            Prefetch = B;
    }
}
