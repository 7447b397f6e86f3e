using System.Runtime.CompilerServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.RowWise;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.Products;

/// <summary>Runs an <see cref="Epilogue"/> that a tile does not run itself: for activations, and for panels with padding columns.</summary>
internal static unsafe class EpilogueRows
{
    /// <summary>c[i][j] = activation(sums[i·width + j] + bias[j]) + residual[i][j] for the columns of c.</summary>
    public static void Run(InstructionSet set, float* sums, int width, Matrix c, in Epilogue epilogue) =>
        InstructionSets.Run(set, new Kernel(sums, width, c, epilogue));

    private readonly struct Kernel(float* sums, int width, Matrix c, Epilogue epilogue) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes>
        {
            switch (epilogue.Activation)
            {
                case Activation.None: Rows<TLanes, IdentityOperator>(sums, width, c, epilogue.Bias, epilogue.Residual); break;
                case Activation.Gelu: Rows<TLanes, GeluOperator>(sums, width, c, epilogue.Bias, epilogue.Residual); break;
                case Activation.GeluTanh: Rows<TLanes, GeluTanhOperator>(sums, width, c, epilogue.Bias, epilogue.Residual); break;
                case Activation.QuickGelu: Rows<TLanes, QuickGeluOperator>(sums, width, c, epilogue.Bias, epilogue.Residual); break;
                case Activation.Relu: Rows<TLanes, ReluOperator>(sums, width, c, epilogue.Bias, epilogue.Residual); break;
                case Activation.Silu: Rows<TLanes, SiluOperator>(sums, width, c, epilogue.Bias, epilogue.Residual); break;
                case Activation.Tanh: Rows<TLanes, TanhOperator>(sums, width, c, epilogue.Bias, epilogue.Residual); break;
                case Activation.Sigmoid: Rows<TLanes, SigmoidOperator>(sums, width, c, epilogue.Bias, epilogue.Residual); break;
                default: throw new InvalidOperationException($"unknown activation {epilogue.Activation}");
            }
        }

        public void RunScalar()
        {
            for (var i = 0; i < c.Rows; i++)
            {
                for (var j = 0; j < c.Columns; j++)
                    c.Row(i)[j] = ScalarProduct.Finish(sums[(i * width) + j], i, j, epilogue);
            }
        }
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void Rows<TLanes, TOperator>(float* sums, int width, Matrix target, float* bias, Matrix other)
        where TLanes : struct, ILanes<TLanes>
        where TOperator : struct, IActivationOperator
    {
        float* c = target.Data, residual = other.Data;
        nint cStride = target.Stride, residualStride = residual is null ? 0 : other.Stride;
        int rows = target.Rows, columns = target.Columns;
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
            residual += residualStride;
        }
    }
}
