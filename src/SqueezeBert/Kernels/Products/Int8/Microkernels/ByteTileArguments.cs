namespace SqueezeBert.Kernels.Products.Int8.Microkernels;

/// <summary>
/// What a tile of bytes computes: the exact sums c = Σₖ a·b for a few rows of a and one to four vectors of columns, all in registers. The
/// tiles call nothing: one call anywhere in them would make the compiler keep the sums in memory.
/// </summary>
internal unsafe struct ByteTileArguments
{
    /// <summary>The first row; a row every <see cref="ARowStride"/> bytes.</summary>
    public byte* A;
    public nint ARowStride;

    /// <summary>Four bytes for each column, then the next four; <see cref="BStep"/> bytes from four to four.</summary>
    public byte* B;
    public nint BStep;

    /// <summary>A fourth of the length of the sums, at least 1.</summary>
    public nint Quads;

    public int* C;

    /// <summary>Integers from a row to the next.</summary>
    public nint CStride;

    /// <summary>For each column what its sum starts from where a is taken as unsigned, 128 too large.</summary>
    public int* Starts;

    /// <summary>What is read after this product, or null: asked for while it is computed, evenly spread.</summary>
    public byte* Prefetch;
    public nint PrefetchBytes;

    /// <summary>Bytes of <see cref="Prefetch"/> for four terms of the sums.</summary>
    public nint PrefetchStep;

    /// <summary>
    /// Null: c is wanted. Elsewhere, of forms that can finish (<see cref="ByteTiles.CanFinish"/>), what is written instead:
    /// activation(float(sum)·(scale of the row · scale of the column) + bias) + residual. A row's scale stands behind its elements.
    /// </summary>
    public float* Result;
    public nint ResultStride;

    /// <summary>Of the columns.</summary>
    public float* Scales;

    /// <summary>Of the columns, or null.</summary>
    public float* Bias;

    /// <summary>1 for ReLU, 0 for no activation.</summary>
    public nint IsRelu;

    /// <summary>A row every <see cref="ResidualStride"/> elements, or null.</summary>
    public float* Residual;
    public nint ResidualStride;

    /// <summary>Spreads what is to be prefetched over that many tiles; who runs the tiles moves <see cref="Prefetch"/> on.</summary>
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
