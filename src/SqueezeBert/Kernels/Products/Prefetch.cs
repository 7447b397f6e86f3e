using System.Runtime.Intrinsics.X86;

namespace SqueezeBert.Kernels.Products;

/// <summary>Prefetches memory that is needed soon, if the processor supports it.</summary>
internal static unsafe class Prefetch
{
    private const int LineFloats = 16;

    /// <summary>Fetches the rows of a matrix into the second-level cache.</summary>
    public static void Rows(Matrix x)
    {
        if (!Sse.IsSupported)
            return;
        var row = x.Data;
        for (var i = 0; i < x.Rows; i++)
        {
            for (var j = 0; j < x.Columns; j += LineFloats)
                Sse.Prefetch1(row + j);
            row += x.Stride;
        }
    }

    /// <summary>Fetches the rows of a matrix, or of none, into the first-level cache, where they are written soon.</summary>
    public static void Near(Matrix x)
    {
        if (!Sse.IsSupported || x.IsNone)
            return;
        var row = x.Data;
        for (var i = 0; i < x.Rows; i++)
        {
            for (var j = 0; j < x.Columns; j += LineFloats)
                Sse.Prefetch0(row + j);
            row += x.Stride;
        }
    }
}
