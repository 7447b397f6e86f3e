namespace SqueezeBert.Kernels.Products.Microkernels;

/// <summary>
/// What a tile computes: c = Σₖ a·b + bias + residual for a few rows of a and one to four vectors of columns, with all sums in registers.
/// The tiles call nothing: one call anywhere in them would make the compiler keep the sums in memory.
/// </summary>
internal unsafe struct TileArguments
{
    /// <summary>The first row's first element; element (i, k) is at i·<see cref="ARowStride"/> + k·<see cref="AStep"/>.</summary>
    public float* A;
    public nint ARowStride;
    public nint AStep;

    /// <summary>[k, columns], a row every <see cref="BStep"/> elements.</summary>
    public float* B;
    public nint BStep;

    /// <summary>The length of the sums.</summary>
    public nint K;

    public float* C;
    public nint CStride;

    /// <summary>Whether the sums start from c instead of 0.</summary>
    public bool Accumulate;

    /// <summary>One element for each column, or null.</summary>
    public float* Bias;

    /// <summary>A row every <see cref="ResidualStride"/> elements, or null.</summary>
    public float* Residual;
    public nint ResidualStride;

    /// <summary>
    /// What is read after this product, or null: asked for while it is computed, evenly spread, so that weights come out of memory without
    /// a wait.
    /// </summary>
    public byte* Prefetch;
    public nint PrefetchBytes;

    /// <summary>Bytes of <see cref="Prefetch"/> for each term of the sums; set by <see cref="Tiles"/>.</summary>
    public nint PrefetchStep;
}
