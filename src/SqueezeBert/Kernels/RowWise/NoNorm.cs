using System.Runtime.CompilerServices;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.RowWise;

/// <summary>MobileBERT's replacement of layer normalisation (Sun et al., 2020, section 3.3).</summary>
internal static unsafe class NoNorm
{
    /// <summary>y = x·weight + bias over each row, rounded after the product as the reference does; y may be x.</summary>
    public static void Forward(float* x, nint xStride, float* weight, float* bias, float* y, nint yStride, int rows, int width) =>
        Forward(InstructionSets.Selected, x, xStride, weight, bias, y, yStride, rows, width);

    /// <inheritdoc cref="Forward(float*, nint, float*, float*, float*, nint, int, int)"/>
    public static void Forward(InstructionSet set, float* x, nint xStride, float* weight, float* bias, float* y, nint yStride,
        int rows, int width)
    {
        switch (set)
        {
            case InstructionSet.Avx512: Rows<Lanes512>(x, xStride, weight, bias, y, yStride, rows, width); break;
            case InstructionSet.Avx2: Rows<Lanes256>(x, xStride, weight, bias, y, yStride, rows, width); break;
            case InstructionSet.Vector128: Rows<Lanes128>(x, xStride, weight, bias, y, yStride, rows, width); break;
            default: ScalarNorms.NoNorm(x, xStride, weight, bias, y, yStride, rows, width); break;
        }
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void Rows<TLanes>(float* x, nint xStride, float* weight, float* bias, float* y, nint yStride, int rows, int width)
        where TLanes : struct, ILanes<TLanes>
    {
        for (var row = 0; row < rows; row++)
        {
            var i = 0;
            for (; i <= width - LaneTail.Lanes; i += LaneTail.Lanes)
                TLanes.Store((TLanes.Load(x + i) * TLanes.Load(weight + i)) + TLanes.Load(bias + i), y + i);
            for (; i < width; i++)
                y[i] = (x[i] * weight[i]) + bias[i];
            x += xStride;
            y += yStride;
        }
    }
}
