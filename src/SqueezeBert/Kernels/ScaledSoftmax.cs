using System.Runtime.CompilerServices;

namespace SqueezeBert.Kernels;

/// <summary>What stands between the product of queries and keys and the softmax.</summary>
internal static unsafe class ScaledSoftmax
{
    /// <summary>x = scale·x in the first columns of each row and -∞ in the rest up to the stride, a multiple of 16, so that the softmax needs no tail.</summary>
    public static void Scale(InstructionSet set, float* x, int stride, int rows, int columns, float scale)
    {
        switch (set)
        {
            case InstructionSet.Avx512: Scale<Lanes512>(x, stride, rows, columns, scale); break;
            case InstructionSet.Avx2: Scale<Lanes256>(x, stride, rows, columns, scale); break;
            default: Scale<Lanes128>(x, stride, rows, columns, scale); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale<TLanes>(float* x, int stride, int rows, int columns, float scale)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes factor = TLanes.Create(scale);
        for (int row = 0; row < rows; row++)
        {
            for (int i = 0; i < stride; i += LaneTail.Lanes)
                TLanes.Store(TLanes.Load(x + i) * factor, x + i);
            for (int i = columns; i < stride; i++)
                x[i] = float.NegativeInfinity;
            x += stride;
        }
    }
}
