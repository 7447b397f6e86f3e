using System.Runtime.Intrinsics;

namespace SqueezeBert.Training.Engine;

/// <summary>Backward passes of the norms over one row; bits as in <see cref="RowMath"/>.</summary>
internal static unsafe class NormMath
{
    private const int Lanes = 16;

    public static void LayerNormBackward(float* x, float* gradient, float* weight, float* target, int width, float mean, float inverseDeviation, bool accumulate)
    {
        var centre = Vector512.Create(mean);
        var inverse = Vector512.Create(inverseDeviation);
        var sums = Vector512<float>.Zero;
        var products = Vector512<float>.Zero;
        var i = 0;
        for (; i <= width - Lanes; i += Lanes)
        {
            var g = Vector512.Load(gradient + i) * Vector512.Load(weight + i);
            sums += g;
            products += g * ((Vector512.Load(x + i) - centre) * inverse);
        }

        var tail = stackalloc float[2 * Lanes];
        for (var lane = 0; lane < 2 * Lanes; lane++) tail[lane] = 0;
        for (var lane = 0; i + lane < width; lane++)
        {
            tail[lane] = gradient[i + lane] * weight[i + lane];
            tail[lane + Lanes] = tail[lane] * ((x[i + lane] - mean) * inverseDeviation);
        }

        var average = RowMath.Fold(sums + Vector512.Load(tail)) / width;
        var slope = RowMath.Fold(products + Vector512.Load(tail + Lanes)) / width;
        for (i = 0; i <= width - Lanes; i += Lanes)
        {
            var g = Vector512.Load(gradient + i) * Vector512.Load(weight + i);
            var normalised = (Vector512.Load(x + i) - centre) * inverse;
            var result = (g - Vector512.Create(average) - (normalised * Vector512.Create(slope))) * inverse;
            if (accumulate) result += Vector512.Load(target + i);
            result.Store(target + i);
        }

        for (; i < width; i++)
        {
            var normalised = (x[i] - mean) * inverseDeviation;
            var result = ((gradient[i] * weight[i]) - average - (normalised * slope)) * inverseDeviation;
            target[i] = accumulate ? target[i] + result : result;
        }
    }

    public static void NoNormBackward(float* gradient, float* weight, float* target, int width, bool accumulate)
    {
        for (var i = 0; i < width; i++)
        {
            var result = gradient[i] * weight[i];
            target[i] = accumulate ? target[i] + result : result;
        }
    }

    /// <summary>weightGradient += gradient (x - mean) inverseDeviation and biasGradient += gradient, for some channels of one row.</summary>
    public static void AddParameterGradient(
        float* x, float* gradient, float mean, float inverseDeviation, float* weightGradient, float* biasGradient, int channels)
    {
        var centre = Vector512.Create(mean);
        var inverse = Vector512.Create(inverseDeviation);
        var i = 0;
        for (; i <= channels - Lanes; i += Lanes)
        {
            var g = Vector512.Load(gradient + i);
            (Vector512.Load(weightGradient + i) + (g * ((Vector512.Load(x + i) - centre) * inverse))).Store(weightGradient + i);
            (Vector512.Load(biasGradient + i) + g).Store(biasGradient + i);
        }

        for (; i < channels; i++)
        {
            weightGradient[i] += gradient[i] * ((x[i] - mean) * inverseDeviation);
            biasGradient[i] += gradient[i];
        }
    }
}
