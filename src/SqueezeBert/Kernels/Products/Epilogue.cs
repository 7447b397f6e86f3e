using System.Runtime.CompilerServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Kernels.Products;

/// <summary>What follows a product where a tile does not do it itself: activations, and panels with columns that do not exist.</summary>
internal static unsafe class Epilogue
{
    /// <summary>c[i][j] = activation(sums[i·width + j] + bias[j]) + residual[i][j] for j below columns.</summary>
    public static void Run(
        InstructionSet set, Activation activation, float* sums, int width, float* c, nint cStride, int rows, int columns, float* bias,
        float* residual, nint residualStride)
    {
        switch (set)
        {
            case InstructionSet.Avx512:
                Run<Lanes512>(
                activation, sums, width, c, cStride, rows, columns, bias, residual, residualStride); break;
            case InstructionSet.Avx2:
                Run<Lanes256>(
                activation, sums, width, c, cStride, rows, columns, bias, residual, residualStride); break;
            default: Run<Lanes128>(activation, sums, width, c, cStride, rows, columns, bias, residual, residualStride); break;
        }
    }

    private static void Run<TLanes>(
        Activation activation, float* sums, int width, float* c, nint cStride, int rows, int columns, float* bias, float* residual,
        nint residualStride)
        where TLanes : struct, ILanes<TLanes>
    {
        switch (activation)
        {
            case Activation.None:
                Rows<TLanes, IdentityOperator>(
                sums, width, c, cStride, rows, columns, bias, residual, residualStride); break;
            case Activation.Gelu: Rows<TLanes, GeluOperator>(sums, width, c, cStride, rows, columns, bias, residual, residualStride); break;
            case Activation.GeluTanh:
                Rows<TLanes, GeluTanhOperator>(
                sums, width, c, cStride, rows, columns, bias, residual, residualStride); break;
            case Activation.QuickGelu:
                Rows<TLanes, QuickGeluOperator>(
                sums, width, c, cStride, rows, columns, bias, residual, residualStride); break;
            case Activation.Relu: Rows<TLanes, ReluOperator>(sums, width, c, cStride, rows, columns, bias, residual, residualStride); break;
            case Activation.Silu: Rows<TLanes, SiluOperator>(sums, width, c, cStride, rows, columns, bias, residual, residualStride); break;
            case Activation.Tanh: Rows<TLanes, TanhOperator>(sums, width, c, cStride, rows, columns, bias, residual, residualStride); break;
            case Activation.Sigmoid:
                Rows<TLanes, SigmoidOperator>(
                sums, width, c, cStride, rows, columns, bias, residual, residualStride); break;
            default: throw new ArgumentOutOfRangeException(nameof(activation), activation, "Unknown activation.");
        }
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void Rows<TLanes, TOperator>(float* sums, int width, float* c, nint cStride, int rows, int columns, float* bias,
        float* residual, nint residualStride)
        where TLanes : struct, ILanes<TLanes>
        where TOperator : struct, IActivationOperator
    {
        for (var i = 0; i < rows; i++)
        {
            var j = 0;
            for (; j <= columns - LaneTail.Lanes; j += LaneTail.Lanes)
            {
                var x = TLanes.Load(sums + j);
                if (bias is not null)
                    x += TLanes.Load(bias + j);
                x = TOperator.Apply(x);
                if (residual is not null)
                    x += TLanes.Load(residual + j);
                TLanes.Store(x, c + j);
            }

            var rest = columns - j;
            if (rest > 0)
            {
                var x = TLanes.Load(sums + j);
                if (bias is not null)
                    x += TLanes.LoadPartial(bias + j, rest, 0f);
                x = TOperator.Apply(x);
                if (residual is not null)
                    x += TLanes.LoadPartial(residual + j, rest, 0f);
                TLanes.StorePartial(x, c + j, rest);
            }

            sums += width;
            c += cStride;
            residual += residual is null ? 0 : residualStride;
        }
    }
}
