using SqueezeBert.Kernels.Backward;
using SqueezeBert.Kernels.Lanes;

namespace SqueezeBert.Kernels.Scalar;

/// <summary>The reference of <see cref="Dropout"/>.</summary>
internal static unsafe class ScalarDropout
{
    public static void Apply(float* x, float* y, int count, ulong key, uint threshold, float scale, bool accumulate)
    {
        for (var i = 0; i < count; i++)
        {
            var result = x[i] * Factor(key, i, threshold, scale);
            y[i] = accumulate ? y[i] + result : result;
        }
    }

    public static void Mark(float* x, float* y, int count, ulong key, uint threshold, float scale)
    {
        for (var i = 0; i < count; i++)
        {
            var factor = Factor(key, i, threshold, scale);
            y[i] = x[i] * factor;
            x[i] = MathF.CopySign(x[i], factor - (scale * 0.5f));
        }
    }

    private static float Factor(ulong key, int index, uint threshold, float scale) => DropoutHash.Bits(key, index) < threshold ? 0f : scale;
}
