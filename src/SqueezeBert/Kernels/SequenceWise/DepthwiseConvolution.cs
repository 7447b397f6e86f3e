using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.SequenceWise;

/// <summary>
/// A convolution along one text in which each channel has its own filter. Outside of the text and at masked positions, the input is zero.
/// </summary>
internal static unsafe class DepthwiseConvolution
{
    /// <summary>
    /// y[t][c] = bias[c] + Σⱼ weight[c][j]·x[token at position p(t) + j - kernel/2][c]. The products are added in the order of j, and the
    /// bias is added last.
    /// </summary>
    /// <param name="x">[tokens, channels].</param>
    /// <param name="positions">[tokens], strictly ascending, possibly with gaps.</param>
    /// <param name="weight">[channels, kernel].</param>
    /// <param name="bias">[channels] or null.</param>
    /// <param name="y">[tokens, channels]; must not overlap x.</param>
    /// <param name="kernel">The length of the filters; odd and at most 1,023.</param>
    public static void Forward(Matrix x, int* positions, float* weight, float* bias, Matrix y, int kernel) =>
        Forward(InstructionSets.Selected, x, positions, weight, bias, y, kernel);

    /// <inheritdoc cref="Forward(Matrix, int*, float*, float*, Matrix, int)"/>
    public static void Forward(InstructionSet set, Matrix x, int* positions, float* weight, float* bias, Matrix y, int kernel) =>
        InstructionSets.Run(set, new ForwardKernel(x, positions, weight, bias, y, kernel));

    /// <summary>
    /// Computes the gradients. dx is written. dweight [channels, kernel] and dbias [channels] are accumulated, token after token. Each of
    /// the three may be null. Texts in the same order give the same bits.
    /// </summary>
    public static void Backward(
        Matrix x, int* positions, float* weight, Matrix dy, Matrix dx, float* dweight, float* dbias, int kernel) =>
        Backward(InstructionSets.Selected, x, positions, weight, dy, dx, dweight, dbias, kernel);

    /// <inheritdoc cref="Backward(Matrix, int*, float*, Matrix, Matrix, float*, float*, int)"/>
    public static void Backward(
        InstructionSet set, Matrix x, int* positions, float* weight, Matrix dy, Matrix dx, float* dweight, float* dbias, int kernel) =>
        InstructionSets.Run(set, new BackwardKernel(x, positions, weight, dy, dx, dweight, dbias, kernel));

    private readonly struct ForwardKernel(Matrix x, int* positions, float* weight, float* bias, Matrix y, int kernel) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> =>
            VectorDepthwiseConvolution.Forward<TLanes>(x, positions, weight, bias, y, kernel);

        public void RunScalar() => ScalarDepthwiseConvolution.Forward(x, positions, weight, bias, y, kernel);
    }

    private readonly struct BackwardKernel(
        Matrix x, int* positions, float* weight, Matrix dy, Matrix dx, float* dweight, float* dbias, int kernel) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> =>
            VectorDepthwiseConvolution.Backward<TLanes>(x, positions, weight, dy, dx, dweight, dbias, kernel);

        public void RunScalar() => ScalarDepthwiseConvolution.Backward(x, positions, weight, dy, dx, dweight, dbias, kernel);
    }
}
