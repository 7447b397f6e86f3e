namespace SqueezeBert.Kernels.Scalar;

/// <summary>The reference of <see cref="LayerNorm"/> and <see cref="NoNorm"/>.</summary>
internal static unsafe class ScalarNorms
{
    public static void LayerNorm(
        float* x, nint xStride, float* weight, float* bias, float epsilon, float* y, nint yStride, int rows, int width, float* mean, float* inverseDeviation)
    {
        for (int i = 0; i < rows; i++)
        {
            float* from = x + (i * xStride);
            float* to = y + (i * yStride);
            float centre = ScalarReductions.Sum(from, width) / width;
            float variance = ScalarReductions.SumOfSquares(from, width, centre) / width;
            float inverse = 1f / MathF.Sqrt(variance + epsilon);
            for (int j = 0; j < width; j++)
                to[j] = ScalarMath.MultiplyAdd((from[j] - centre) * inverse, weight[j], bias[j]);
            if (mean is not null)
                mean[i] = centre;
            if (inverseDeviation is not null)
                inverseDeviation[i] = inverse;
        }
    }

    public static void NoNorm(float* x, nint xStride, float* weight, float* bias, float* y, nint yStride, int rows, int width)
    {
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < width; j++)
                y[(i * yStride) + j] = (x[(i * xStride) + j] * weight[j]) + bias[j];
        }
    }
}
