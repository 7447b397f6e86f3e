using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels;

/// <summary>MobileBERT's replacement of layer normalisation (Sun et al., 2020, section 3.3).</summary>
internal static unsafe class NoNorm
{
    /// <summary>y = x·weight + bias over each row, rounded after the product as the reference does; y may be x.</summary>
    public static void Forward(float* x, nint xStride, float* weight, float* bias, float* y, nint yStride, int rows, int width) =>
        Forward(InstructionSets.Selected, x, xStride, weight, bias, y, yStride, rows, width);

    /// <inheritdoc cref="Forward(float*, nint, float*, float*, float*, nint, int, int)"/>
    public static void Forward(InstructionSet set, float* x, nint xStride, float* weight, float* bias, float* y, nint yStride, int rows, int width)
    {
        ScalarNorms.NoNorm(x, xStride, weight, bias, y, yStride, rows, width);
    }
}
