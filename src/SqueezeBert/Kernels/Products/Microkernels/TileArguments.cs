using System.Runtime.InteropServices;

namespace SqueezeBert.Kernels.Products.Microkernels;

/// <summary>
/// The arguments of a tile. It computes c = Σₖ a·b + bias + residual for a few rows of a and one to four vectors of columns, with all sums
/// in registers. The tiles contain no calls, because a single call would make the compiler keep the sums in memory. Machine code reads the
/// fields at their offsets (tools/Generate/MachineCode/FmaTile.cs).
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TileArguments
{
    /// <summary>The first row's first element; element (i, k) is at i·<see cref="ARowStride"/> + k·<see cref="AStep"/>.</summary>
    public float* A;
    public nint ARowStride;
    public nint AStep;

    /// <summary>The matrix [k, columns]. Consecutive rows are <see cref="BStep"/> elements apart.</summary>
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

    /// <summary>The residual, or null. Consecutive rows are <see cref="ResidualStride"/> elements apart.</summary>
    public float* Residual;
    public nint ResidualStride;

    /// <summary>
    /// The memory that is read after this product, or null. It is prefetched at an even pace while the product is computed, so that weights
    /// arrive from memory without a wait.
    /// </summary>
    public byte* Prefetch;
    public nint PrefetchBytes;

    /// <summary>The number of bytes of <see cref="Prefetch"/> for each term of the sums. <see cref="SpreadPrefetch"/> sets it.</summary>
    public nint PrefetchStep;

    /// <summary>Distributes the memory to be prefetched over the strips and the tiles of a strip.</summary>
    public void SpreadPrefetch(int tileCount, int stripCount = 1)
    {
        // A single row of tiles reads memory as fast as it comes; asking for more only gets in its way.
        if (Prefetch is null || tileCount <= 1)
        {
            Prefetch = (byte*)B;
            PrefetchStep = 0;
            return;
        }

        var terms = K * stripCount * tileCount;
        PrefetchStep = (PrefetchBytes + terms - 1) / terms;
    }
}
