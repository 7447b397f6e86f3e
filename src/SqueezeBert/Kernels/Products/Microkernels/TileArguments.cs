using System.Runtime.InteropServices;

namespace SqueezeBert.Kernels.Products.Microkernels;

/// <summary>
/// What a tile computes: c = Σₖ a·b + bias + residual for a few rows of a and one to four vectors of columns, with all sums in registers.
/// The tiles call nothing: one call anywhere in them would make the compiler keep the sums in memory. Machine code reads the fields at
/// their offsets (tools/Generate/MachineCode/FmaTile.cs).
/// </summary>
[StructLayout(LayoutKind.Sequential)]
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

    /// <summary>Bytes of <see cref="Prefetch"/> for each term of the sums; set by <see cref="SpreadPrefetch"/>.</summary>
    public nint PrefetchStep;

    /// <summary>Divides what is asked for among the tiles of a strip and the strips.</summary>
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
