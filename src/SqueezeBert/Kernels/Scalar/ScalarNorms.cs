using SqueezeBert.Kernels.Backward;

namespace SqueezeBert.Kernels.Scalar;

/// <summary>The reference of <see cref="LayerNorm"/>, <see cref="NoNorm"/> and <see cref="NormBackward"/>.</summary>
internal static unsafe class ScalarNorms
{
    public static void LayerNorm(
        float* x, nint xStride, float* weight, float* bias, float epsilon, float* y, nint yStride, int rows, int width, float* mean,
        float* inverseDeviation)
    {
        for (var i = 0; i < rows; i++)
        {
            var from = x + (i * xStride);
            var to = y + (i * yStride);
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

    public static void NoNorm(float* x, nint xStride, float* weight, float* bias, float* y, nint yStride, int rows, int width)
    {
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < width; j++)
                y[(i * yStride) + j] = (x[(i * xStride) + j] * weight[j]) + bias[j];
        }
    }

    public static void LayerNormBackward(
        float* x, float* dy, float* weight, float* mean, float* inverseDeviation, float* dx, bool accumulate, float* dweight, float* dbias,
        int rows, int width)
    {
        var sums = stackalloc float[2 * ScalarReductions.Lanes];
        for (var i = 0; i < rows * width; i += width)
        {
            float centre = mean[i / width], inverse = inverseDeviation[i / width];
            new Span<float>(sums, 2 * ScalarReductions.Lanes).Clear();
            for (var j = 0; j < width; j++)
            {
                float normed = (x[i + j] - centre) * inverse, g = dy[i + j] * weight[j];
                dweight[j] += dy[i + j] * normed;
                dbias[j] += dy[i + j];
                sums[j % ScalarReductions.Lanes] += g;
                sums[ScalarReductions.Lanes + (j % ScalarReductions.Lanes)] += g * normed;
            }

            float average = ScalarReductions.Fold(sums) / width, slope = ScalarReductions.Fold(sums + ScalarReductions.Lanes) / width;
            for (var j = 0; j < width; j++)
            {
                var result = ((dy[i + j] * weight[j]) - average - ((x[i + j] - centre) * inverse * slope)) * inverse;
                dx[i + j] = accumulate ? dx[i + j] + result : result;
            }
        }
    }

    public static void NoNormBackward(float* x, float* dy, float* weight, float* dx, bool accumulate, float* dweight, float* dbias,
        int rows, int width)
    {
        for (var i = 0; i < rows * width; i++)
        {
            float gradient = dy[i], result = gradient * weight[i % width];
            dweight[i % width] += gradient * x[i];
            dbias[i % width] += gradient;
            dx[i] = accumulate ? dx[i] + result : result;
        }
    }
}
