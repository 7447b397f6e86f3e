using SqueezeBert.Kernels.Backward;

namespace SqueezeBert.Kernels.Scalar;

/// <summary>The reference of <see cref="LambDirection"/>.</summary>
internal static unsafe class ScalarLamb
{
    public static void Run(float* value, float* gradient, float* m, float* v, nint count, in LambFactors factors)
    {
        for (nint i = 0; i < count; i++)
        {
            var g = gradient[i] * factors.Gradient;
            m[i] += (g - m[i]) * factors.First;
            v[i] = (v[i] * factors.Second) + (g * g * factors.SecondRest);
            gradient[i] = (m[i] * factors.FirstCorrection / ((MathF.Sqrt(v[i]) / factors.Correction) + factors.Epsilon))
                + (value[i] * factors.Decay);
        }
    }
}
