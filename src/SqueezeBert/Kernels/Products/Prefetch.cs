using System.Runtime.Intrinsics.X86;

namespace SqueezeBert.Kernels.Products;

/// <summary>Asks for memory that is needed soon, where the processor can be asked.</summary>
internal static unsafe class Prefetch
{
    private const int LineFloats = 16;

    /// <summary>Fetches the first <paramref name="columns"/> elements of each row into the second-level cache.</summary>
    public static void Rows(float* x, nint stride, int rows, int columns)
    {
        if (!Sse.IsSupported)
            return;
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < columns; i += LineFloats)
                Sse.Prefetch1(x + i);
            x += stride;
        }
    }
}
