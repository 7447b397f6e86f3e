using System.Runtime.CompilerServices;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.RowWise;

/// <summary>MobileBERT's replacement of layer normalisation (Sun et al., 2020, section 3.3).</summary>
internal static unsafe class NoNorm
{
    /// <summary>y = x·weight + bias over each row, rounded after the product as the reference does; y may be x.</summary>
    public static void Forward(Matrix x, float* weight, float* bias, Matrix y) =>
        Forward(InstructionSets.Selected, x, weight, bias, y);

    /// <inheritdoc cref="Forward(Matrix, float*, float*, Matrix)"/>
    public static void Forward(InstructionSet set, Matrix x, float* weight, float* bias, Matrix y) =>
        InstructionSets.Run(set, new ForwardKernel(x, weight, bias, y));

    [MethodImpl(LeafKernel.Compilation)]
    private static void Rows<TLanes>(Matrix source, float* weight, float* bias, Matrix target)
        where TLanes : struct, ILanes<TLanes>
    {
        float* x = source.Data, y = target.Data;
        nint xStride = source.Stride, yStride = target.Stride;
        int rows = source.Rows, width = source.Columns;
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

    private readonly struct ForwardKernel(Matrix x, float* weight, float* bias, Matrix y) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => Rows<TLanes>(x, weight, bias, y);

        public void RunScalar() => ScalarNorms.NoNorm(x, weight, bias, y);
    }
}
