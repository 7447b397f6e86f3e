using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels.Products;

namespace SqueezeBert.Kernels.Scalar;

/// <summary>The reference of <see cref="MatrixMultiply"/>: every output is one chain of fused multiply-adds over k in order.</summary>
internal static unsafe class ScalarMatrixMultiply
{
    public static void Packed(
        float* a, nint aStride, PackedMatrix b, int firstPanel, int panelCount, float* c, nint cStride, int rows, float* bias,
        Activation activation, float* residual, nint residualStride)
    {
        for (var panel = firstPanel; panel < firstPanel + panelCount; panel++)
        {
            (var first, var count) = b.ColumnRange(panel);
            var weights = b.Panel(panel);
            var width = b.PanelVectors(panel) * PackedMatrix.Lanes;
            for (var i = 0; i < rows; i++)
            {
                for (var j = 0; j < count; j++)
                {
                    var sum = Chain(0f, a + (i * aStride), 1, weights + j, width, b.Rows);
                    if (bias is not null)
                        sum += bias[first + j];
                    sum = ScalarActivations.Apply(activation, sum);
                    if (residual is not null)
                        sum += residual[(i * residualStride) + first + j];
                    c[(i * cStride) + first + j] = sum;
                }
            }
        }
    }

    public static void Strided(
        float* a, nint aRowStride, nint aKStride, float* b, nint bStride, float* c, nint cStride, int rows, int columns, int k,
        bool accumulate)
    {
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
            {
                var target = c + (i * cStride) + j;
                *target = Chain(accumulate ? *target : 0f, a + (i * aRowStride), aKStride, b + j, bStride, k);
            }
        }
    }

    private static float Chain(float sum, float* a, nint aStride, float* b, nint bStride, int k)
    {
        for (var i = 0; i < k; i++)
            sum = ScalarMath.MultiplyAdd(a[i * aStride], b[i * bStride], sum);
        return sum;
    }
}
