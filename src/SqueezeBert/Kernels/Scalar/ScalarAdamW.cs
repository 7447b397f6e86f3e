using SqueezeBert.Kernels.Backward;

namespace SqueezeBert.Kernels.Scalar;

/// <summary>The reference of <see cref="AdamWUpdate"/>.</summary>
internal static unsafe class ScalarAdamW
{
    public static void Run(float* value, float* gradient, float* m, float* v, nint count, in AdamWFactors factors)
    {
        for (nint i = 0; i < count; i++)
        {
            var g = gradient[i] * factors.Gradient;
            m[i] += (g - m[i]) * factors.First;
            v[i] = (v[i] * factors.Second) + (g * g * factors.SecondRest);
            value[i] = (value[i] * factors.Keep) - (factors.StepSize * m[i] / ((MathF.Sqrt(v[i]) / factors.Correction) + factors.Epsilon));
        }
    }
}
