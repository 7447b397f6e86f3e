using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels;

/// <summary>Layer normalisation (Ba, Kiros and Hinton, 2016) with the biased variance, as in PyTorch.</summary>
internal static unsafe class LayerNorm
{
    /// <summary>y = (x - mean)·inverseDeviation·weight + bias over each row, inverseDeviation = 1/√(variance + epsilon).</summary>
    /// <param name="x">[rows, width].</param>
    /// <param name="xStride">Elements from a row of x to the next.</param>
    /// <param name="weight">[width].</param>
    /// <param name="bias">[width].</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="y">[rows, width]; may be x.</param>
    /// <param name="yStride">Elements from a row of y to the next.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="width">The number of channels.</param>
    /// <param name="mean">[rows] or null: what a backward pass needs.</param>
    /// <param name="inverseDeviation">[rows] or null: what a backward pass needs.</param>
    public static void Forward(
        float* x, nint xStride, float* weight, float* bias, float epsilon, float* y, nint yStride, int rows, int width, float* mean, float* inverseDeviation) =>
        Forward(InstructionSets.Selected, x, xStride, weight, bias, epsilon, y, yStride, rows, width, mean, inverseDeviation);

    /// <inheritdoc cref="Forward(float*, nint, float*, float*, float, float*, nint, int, int, float*, float*)"/>
    public static void Forward(
        InstructionSet set, float* x, nint xStride, float* weight, float* bias, float epsilon, float* y, nint yStride, int rows, int width, float* mean, float* inverseDeviation)
    {
        ScalarNorms.LayerNorm(x, xStride, weight, bias, epsilon, y, yStride, rows, width, mean, inverseDeviation);
    }
}
