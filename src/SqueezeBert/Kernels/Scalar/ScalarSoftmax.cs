using SqueezeBert.Kernels.Backward;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Kernels.Scalar;

/// <summary>The reference of <see cref="Softmax"/> and <see cref="SoftmaxBackward"/>.</summary>
internal static unsafe class ScalarSoftmax
{
    public static void Forward(float* x, nint stride, int rows, int columns)
    {
        for (var i = 0; i < rows; i++)
        {
            var row = x + (i * stride);
            var maximum = ScalarReductions.Maximum(row, columns);
            for (var j = 0; j < columns; j++)
                row[j] = ScalarMath.Exp(row[j] - maximum);
            var sum = ScalarReductions.Sum(row, columns);
            for (var j = 0; j < columns; j++)
                row[j] /= sum;
        }
    }

    public static void LogSumExp(float* x, nint stride, int rows, int columns, float* result)
    {
        var lanes = stackalloc float[ScalarReductions.Lanes];
        for (var i = 0; i < rows; i++)
        {
            var row = x + (i * stride);
            var maximum = ScalarReductions.Maximum(row, columns);
            new Span<float>(lanes, ScalarReductions.Lanes).Clear();
            for (var j = 0; j < columns; j++)
                lanes[j % ScalarReductions.Lanes] += ScalarMath.Exp(row[j] - maximum);
            result[i] = maximum + ScalarMath.Log(ScalarReductions.Fold(lanes));
        }
    }

    public static void Backward(float* p, float* dy, float* weights, int stride, int rows, float keepScale, float scale)
    {
        var products = stackalloc float[ScalarReductions.Lanes];
        for (var row = 0; row < rows; row++)
        {
            new Span<float>(products, ScalarReductions.Lanes).Clear();
            for (var i = 0; i < stride; i++)
            {
                float probability = MathF.Abs(p[i]), f = p[i] < 0f ? 0f : keepScale;
                dy[i] = f * dy[i];
                weights[i] = f * probability;
                products[i % ScalarReductions.Lanes] += dy[i] * probability;
            }

            var mean = ScalarReductions.Fold(products);
            for (var i = 0; i < stride; i++)
                dy[i] = (dy[i] - mean) * MathF.Abs(p[i]) * scale;
            p += stride;
            dy += stride;
            weights += stride;
        }
    }
}
