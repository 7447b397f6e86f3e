using SqueezeBert.Kernels.Backward;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Kernels.Scalar;

/// <summary>The reference of <see cref="Softmax"/> and <see cref="SoftmaxBackward"/>.</summary>
internal static unsafe class ScalarSoftmax
{
    public static void Forward(Matrix x)
    {
        var columns = x.Columns;
        for (var i = 0; i < x.Rows; i++)
        {
            var row = x.Row(i);
            var maximum = ScalarReductions.Maximum(row, columns);
            for (var j = 0; j < columns; j++)
                row[j] = ScalarMath.Exp(row[j] - maximum);
            var sum = ScalarReductions.Sum(row, columns);
            for (var j = 0; j < columns; j++)
                row[j] /= sum;
        }
    }

    public static void LogSumExp(Matrix x, float* result)
    {
        var columns = x.Columns;
        var lanes = stackalloc float[ScalarReductions.Lanes];
        for (var i = 0; i < x.Rows; i++)
        {
            var row = x.Row(i);
            var maximum = ScalarReductions.Maximum(row, columns);
            new Span<float>(lanes, ScalarReductions.Lanes).Clear();
            for (var j = 0; j < columns; j++)
                lanes[j % ScalarReductions.Lanes] += ScalarMath.Exp(row[j] - maximum);
            result[i] = maximum + ScalarMath.Log(ScalarReductions.Fold(lanes));
        }
    }

    public static void Backward(Matrix probabilities, Matrix gradients, Matrix mixed, float keepScale, float scale)
    {
        var products = stackalloc float[ScalarReductions.Lanes];
        for (var row = 0; row < probabilities.Rows; row++)
        {
            float* p = probabilities.Row(row), dy = gradients.Row(row), weights = mixed.Row(row);
            new Span<float>(products, ScalarReductions.Lanes).Clear();
            for (var i = 0; i < probabilities.Columns; i++)
            {
                float probability = MathF.Abs(p[i]), f = p[i] < 0f ? 0f : keepScale;
                dy[i] = f * dy[i];
                weights[i] = f * probability;
                products[i % ScalarReductions.Lanes] += dy[i] * probability;
            }

            var mean = ScalarReductions.Fold(products);
            for (var i = 0; i < probabilities.Columns; i++)
                dy[i] = (dy[i] - mean) * MathF.Abs(p[i]) * scale;
        }
    }
}
