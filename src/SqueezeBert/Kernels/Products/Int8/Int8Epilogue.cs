using System.Runtime.CompilerServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.RowWise;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.Products.Int8;

/// <summary>The operations on the sums of an int8 product before they are written.</summary>
internal static unsafe class Int8Epilogue
{
    /// <summary>
    /// c[i][j] = activation(float(sums[i·width + j])·(rowScale·scales[j]) + bias[j]) + residual[i][j] for the columns of c.
    /// </summary>
    /// <param name="set">The instruction set.</param>
    /// <param name="sums">The sums in whole vectors of columns, which are read beyond the last column.</param>
    /// <param name="width">The number of sums of a row.</param>
    /// <param name="rowScales">The scale of the first row.</param>
    /// <param name="rowScaleStride">The number of bytes to the scale of the next row.</param>
    /// <param name="scales">The scales of the columns, which are read beyond the last column too.</param>
    /// <param name="c">The result. It may be the residual.</param>
    /// <param name="epilogue">The epilogue of these rows and columns.</param>
    public static void Run(
        InstructionSet set, int* sums, int width, float* rowScales, nint rowScaleStride, float* scales, Matrix c, in Epilogue epilogue) =>
        InstructionSets.Run(set, new Kernel(sums, width, rowScales, rowScaleStride, scales, c, epilogue));

    [MethodImpl(LeafKernel.Compilation)]
    private static void Rows<TLanes, TOperator>(
        int* sums, int width, float* rowScales, nint rowScaleStride, float* scales, Matrix target, float* bias, Matrix other)
        where TLanes : struct, ILanes<TLanes>
        where TOperator : struct, IActivationOperator
    {
        float* c = target.Data, residual = other.Data;
        nint cStride = target.Stride, residualStride = residual is null ? 0 : other.Stride;
        int rows = target.Rows, columns = target.Columns;
        for (var i = 0; i < rows; i++)
        {
            var rowScale = TLanes.Create(*rowScales);
            var j = 0;
            for (; j <= columns - LaneTail.Lanes; j += LaneTail.Lanes)
            {
                var x = TLanes.FromInt32(sums + j) * (rowScale * TLanes.Load(scales + j));
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
                var x = TLanes.FromInt32(sums + j) * (rowScale * TLanes.Load(scales + j));
                if (bias is not null)
                    x += TLanes.LoadPartial(bias + j, rest, 0f);
                x = TOperator.Apply(x);
                if (residual is not null)
                    x += TLanes.LoadPartial(residual + j, rest, 0f);
                TLanes.StorePartial(x, c + j, rest);
            }

            sums += width;
            rowScales = (float*)((byte*)rowScales + rowScaleStride);
            c += cStride;
            residual += residualStride;
        }
    }

    private readonly struct Kernel(
        int* sums, int width, float* rowScales, nint rowScaleStride, float* scales, Matrix c, Epilogue epilogue) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes>
        {
            switch (epilogue.Activation)
            {
                case Activation.None: Rows<TLanes, IdentityOperator>(); break;
                case Activation.Gelu: Rows<TLanes, GeluOperator>(); break;
                case Activation.GeluTanh: Rows<TLanes, GeluTanhOperator>(); break;
                case Activation.QuickGelu: Rows<TLanes, QuickGeluOperator>(); break;
                case Activation.Relu: Rows<TLanes, ReluOperator>(); break;
                case Activation.Silu: Rows<TLanes, SiluOperator>(); break;
                case Activation.Tanh: Rows<TLanes, TanhOperator>(); break;
                case Activation.Sigmoid: Rows<TLanes, SigmoidOperator>(); break;
                default: throw new InvalidOperationException($"unknown activation {epilogue.Activation}");
            }
        }

        public void RunScalar()
        {
            for (var i = 0; i < c.Rows; i++)
            {
                var rowScale = *(float*)((byte*)rowScales + (i * rowScaleStride));
                for (var j = 0; j < c.Columns; j++)
                    c.Row(i)[j] = ScalarInt8.Finish(sums[(i * width) + j], rowScale, scales[j], i, j, epilogue);
            }
        }

        private void Rows<TLanes, TOperator>()
            where TLanes : struct, ILanes<TLanes>
            where TOperator : struct, IActivationOperator =>
            Int8Epilogue.Rows<TLanes, TOperator>(
                sums, width, rowScales, rowScaleStride, scales, c, epilogue.Bias, epilogue.Residual);
    }
}
