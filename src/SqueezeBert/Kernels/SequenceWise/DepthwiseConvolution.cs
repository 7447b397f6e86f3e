using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.SequenceWise;

/// <summary>
/// A convolution along one text in which each channel has a filter of its own; outside of the text and at dropped positions there are
/// zeros.
/// </summary>
internal static unsafe class DepthwiseConvolution
{
    /// <summary>
    /// y[t][c] = bias[c] + Σⱼ weight[c][j]·x[token at position p(t) + j - kernel/2][c], the products added in the order of j, the bias
    /// last.
    /// </summary>
    /// <param name="x">[tokens, channels].</param>
    /// <param name="xStride">Elements from a row of x to the next.</param>
    /// <param name="positions">[tokens], strictly ascending, maybe with holes.</param>
    /// <param name="tokens">The number of tokens of the text.</param>
    /// <param name="weight">[channels, kernel].</param>
    /// <param name="bias">[channels] or null.</param>
    /// <param name="y">[tokens, channels]; must not overlap x.</param>
    /// <param name="yStride">Elements from a row of y to the next.</param>
    /// <param name="channels">The number of channels.</param>
    /// <param name="kernel">The length of the filters, odd, at most 1023.</param>
    public static void Forward(
        float* x, nint xStride, int* positions, int tokens, float* weight, float* bias, float* y, nint yStride, int channels, int kernel) =>
        Forward(InstructionSets.Selected, x, xStride, positions, tokens, weight, bias, y, yStride, channels, kernel);

    /// <inheritdoc cref="Forward(float*, nint, int*, int, float*, float*, float*, nint, int, int)"/>
    public static void Forward(
        InstructionSet set, float* x, nint xStride, int* positions, int tokens, float* weight, float* bias, float* y, nint yStride,
        int channels, int kernel)
    {
        switch (set)
        {
            case InstructionSet.Avx512:
                VectorDepthwiseConvolution.Forward<Lanes512>(
                x, xStride, positions, tokens, weight, bias, y, yStride, channels, kernel); break;
            case InstructionSet.Avx2:
                VectorDepthwiseConvolution.Forward<Lanes256>(
                x, xStride, positions, tokens, weight, bias, y, yStride, channels, kernel); break;
            case InstructionSet.Vector128:
                VectorDepthwiseConvolution.Forward<Lanes128>(
                x, xStride, positions, tokens, weight, bias, y, yStride, channels, kernel); break;
            default: ScalarDepthwiseConvolution.Forward(x, xStride, positions, tokens, weight, bias, y, yStride, channels, kernel); break;
        }
    }

    /// <summary>
    /// The gradients: dx is written, dweight [channels, kernel] and dbias [channels] are added to, token after token; each of the three may
    /// be null. Texts in the same order give the same bits.
    /// </summary>
    public static void Backward(
        float* x, nint xStride, int* positions, int tokens, float* weight, float* dy, nint dyStride, float* dx, nint dxStride,
        float* dweight, float* dbias, int channels, int kernel) =>
        Backward(InstructionSets.Selected, x, xStride, positions, tokens, weight, dy, dyStride, dx, dxStride, dweight, dbias,
            channels, kernel);

    /// <inheritdoc cref="Backward(float*, nint, int*, int, float*, float*, nint, float*, nint, float*, float*, int, int)"/>
    public static void Backward(
        InstructionSet set, float* x, nint xStride, int* positions, int tokens, float* weight, float* dy, nint dyStride, float* dx,
        nint dxStride, float* dweight, float* dbias, int channels, int kernel)
    {
        switch (set)
        {
            case InstructionSet.Avx512:
                VectorDepthwiseConvolution.Backward<Lanes512>(
                x, xStride, positions, tokens, weight, dy, dyStride, dx, dxStride, dweight, dbias, channels, kernel); break;
            case InstructionSet.Avx2:
                VectorDepthwiseConvolution.Backward<Lanes256>(
                x, xStride, positions, tokens, weight, dy, dyStride, dx, dxStride, dweight, dbias, channels, kernel); break;
            case InstructionSet.Vector128:
                VectorDepthwiseConvolution.Backward<Lanes128>(
                x, xStride, positions, tokens, weight, dy, dyStride, dx, dxStride, dweight, dbias, channels, kernel); break;
            default:
                ScalarDepthwiseConvolution.Backward(
                x, xStride, positions, tokens, weight, dy, dyStride, dx, dxStride, dweight, dbias, channels, kernel); break;
        }
    }
}
