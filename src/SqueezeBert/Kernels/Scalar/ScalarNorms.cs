using SqueezeBert.Kernels.Backward;

namespace SqueezeBert.Kernels.Scalar;

/// <summary>The reference of <see cref="LayerNorm"/>, <see cref="NoNorm"/> and <see cref="NormBackward"/>.</summary>
internal static unsafe class ScalarNorms
{
    public static void LayerNorm(
        Matrix x, float* weight, float* bias, float epsilon, Matrix y, float* mean, float* inverseDeviation)
    {
        var width = x.Columns;
        for (var i = 0; i < x.Rows; i++)
        {
            float* from = x.Row(i), to = y.Row(i);
            var centre = ScalarReductions.Sum(from, width) / width;
            var variance = ScalarReductions.SumOfSquares(from, width, centre) / width;
            var inverse = 1f / MathF.Sqrt(variance + epsilon);
            for (var j = 0; j < width; j++)
                to[j] = ScalarMath.MultiplyAdd((from[j] - centre) * inverse, weight[j], bias[j]);
            if (mean is not null)
                mean[i] = centre;
            if (inverseDeviation is not null)
                inverseDeviation[i] = inverse;
        }
    }

    public static void NoNorm(Matrix x, float* weight, float* bias, Matrix y)
    {
        for (var i = 0; i < x.Rows; i++)
        {
            for (var j = 0; j < x.Columns; j++)
                y.Row(i)[j] = (x.Row(i)[j] * weight[j]) + bias[j];
        }
    }

    public static void LayerNormBackward(
        Matrix input, Matrix gradients, float* weight, float* mean, float* inverseDeviation, Matrix target, bool accumulate, float* dweight,
        float* dbias)
    {
        var width = input.Columns;
        var sums = stackalloc float[2 * ScalarReductions.Lanes];
        for (var i = 0; i < input.Rows; i++)
        {
            float centre = mean[i], inverse = inverseDeviation[i];
            float* x = input.Row(i), dy = gradients.Row(i), dx = target.Row(i);
            new Span<float>(sums, 2 * ScalarReductions.Lanes).Clear();
            for (var j = 0; j < width; j++)
            {
                float normed = (x[j] - centre) * inverse, g = dy[j] * weight[j];
                dweight[j] += dy[j] * normed;
                dbias[j] += dy[j];
                sums[j % ScalarReductions.Lanes] += g;
                sums[ScalarReductions.Lanes + (j % ScalarReductions.Lanes)] += g * normed;
            }

            float average = ScalarReductions.Fold(sums) / width, slope = ScalarReductions.Fold(sums + ScalarReductions.Lanes) / width;
            for (var j = 0; j < width; j++)
            {
                var result = ((dy[j] * weight[j]) - average - ((x[j] - centre) * inverse * slope)) * inverse;
                dx[j] = accumulate ? dx[j] + result : result;
            }
        }
    }

    public static void NoNormBackward(
        Matrix input, Matrix gradients, float* weight, Matrix target, bool accumulate, float* dweight, float* dbias)
    {
        for (var i = 0; i < input.Rows; i++)
        {
            float* x = input.Row(i), dy = gradients.Row(i), dx = target.Row(i);
            for (var j = 0; j < input.Columns; j++)
            {
                float gradient = dy[j], result = gradient * weight[j];
                dweight[j] += gradient * x[j];
                dbias[j] += gradient;
                dx[j] = accumulate ? dx[j] + result : result;
            }
        }
    }
}
