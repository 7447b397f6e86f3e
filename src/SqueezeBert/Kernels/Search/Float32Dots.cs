using System.Runtime.CompilerServices;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.Search;

/// <summary>Dot products of a vector with the rows of a matrix: 16 lanes of fused multiply-adds, folded in halves.</summary>
internal static unsafe class Float32Dots
{
    /// <summary>The number that must divide the length of a row.</summary>
    public const int RowMultiple = LaneTail.Lanes;

    /// <summary>
    /// The number of rows that are processed at a time. A chain of sums waits for each of its additions, and four chains do not wait for
    /// each other.
    /// </summary>
    private const int Together = 4;

    /// <summary>dots[i] = query · row i.</summary>
    /// <param name="set">The instruction set.</param>
    /// <param name="query">[width].</param>
    /// <param name="width">A multiple of <see cref="RowMultiple"/>.</param>
    /// <param name="rows">The rows, without gaps.</param>
    /// <param name="count">Rows.</param>
    /// <param name="dots">[count].</param>
    public static void Run(InstructionSet set, float* query, int width, float* rows, int count, float* dots) =>
        InstructionSets.Run(set, new Kernel(query, width, rows, count, dots));

    [MethodImpl(LeafKernel.Compilation)]
    private static void Run<TLanes>(float* query, nint width, float* rows, int count, float* dots)
        where TLanes : struct, ILanes<TLanes>
    {
        var row = 0;
        for (; row + Together <= count; row += Together)
        {
            TLanes x0 = TLanes.Create(0f), x1 = x0, x2 = x0, x3 = x0;
            for (nint i = 0; i < width; i += RowMultiple)
            {
                var q = TLanes.Load(query + i);
                x0 = TLanes.MultiplyAdd(q, TLanes.Load(rows + i), x0);
                x1 = TLanes.MultiplyAdd(q, TLanes.Load(rows + i + width), x1);
                x2 = TLanes.MultiplyAdd(q, TLanes.Load(rows + i + (2 * width)), x2);
                x3 = TLanes.MultiplyAdd(q, TLanes.Load(rows + i + (3 * width)), x3);
            }

            dots[row] = TLanes.Fold(x0);
            dots[row + 1] = TLanes.Fold(x1);
            dots[row + 2] = TLanes.Fold(x2);
            dots[row + 3] = TLanes.Fold(x3);
            rows += Together * width;
        }

        for (; row < count; row++)
        {
            var x = TLanes.Create(0f);
            for (nint i = 0; i < width; i += RowMultiple) x = TLanes.MultiplyAdd(TLanes.Load(query + i), TLanes.Load(rows + i), x);
            dots[row] = TLanes.Fold(x);
            rows += width;
        }
    }

    private readonly struct Kernel(float* query, int width, float* rows, int count, float* dots) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => Float32Dots.Run<TLanes>(query, width, rows, count, dots);

        public void RunScalar() => ScalarSearch.Dots(query, width, rows, count, dots);
    }
}
