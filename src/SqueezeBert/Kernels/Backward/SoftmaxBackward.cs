using System.Runtime.CompilerServices;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.Backward;

/// <summary>The backward pass of a dropout of attention probabilities, of the softmax before it, and of the scale before that.</summary>
internal static unsafe class SoftmaxBackward
{
    /// <summary>
    /// For each row, f is 0 if the probability p is marked as dropped, and otherwise the scale of the dropout. dy, the gradient with
    /// respect to f·|p|, becomes scale·|p|·(f·dy - Σ f·dy·|p|), the gradient with respect to the products of queries and keys.
    /// <paramref name="weights"/> becomes f·|p|.
    /// </summary>
    /// <param name="p">
    /// [rows, columns], marked by <see cref="Dropout.Mark(float*, float*, int, ulong, uint, float)"/>, with zeros beyond the keys. The
    /// number of columns of all three matrices is a multiple of 16, so that there are no tails.
    /// </param>
    /// <param name="dy">[rows, columns].</param>
    /// <param name="weights">[rows, columns].</param>
    /// <param name="keepScale">The scale of the dropout, or 1 without dropout.</param>
    /// <param name="scale">The scale of the products.</param>
    public static void Run(Matrix p, Matrix dy, Matrix weights, float keepScale, float scale) =>
        Run(InstructionSets.Selected, p, dy, weights, keepScale, scale);

    /// <inheritdoc cref="Run(Matrix, Matrix, Matrix, float, float)"/>
    public static void Run(InstructionSet set, Matrix p, Matrix dy, Matrix weights, float keepScale, float scale) =>
        InstructionSets.Run(set, new Kernel(p, dy, weights, keepScale, scale));

    [MethodImpl(LeafKernel.Compilation)]
    private static void Rows<TLanes>(Matrix probabilities, Matrix gradients, Matrix mixed, float keepScale, float scale)
        where TLanes : struct, ILanes<TLanes>
    {
        float* p = probabilities.Data, dy = gradients.Data, weights = mixed.Data;
        int rows = probabilities.Rows, columns = probabilities.Columns;
        TLanes zero = TLanes.Create(0f), keep = TLanes.Create(keepScale), factor = TLanes.Create(scale);
        for (var row = 0; row < rows; row++)
        {
            var sum = zero;
            for (var i = 0; i < columns; i += LaneTail.Lanes)
            {
                TLanes marked = TLanes.Load(p + i), probability = TLanes.Abs(marked), f = TLanes.SelectNegative(marked, zero, keep);
                var gradient = f * TLanes.Load(dy + i);
                TLanes.Store(gradient, dy + i);
                TLanes.Store(f * probability, weights + i);
                sum += gradient * probability;
            }

            var mean = TLanes.Create(TLanes.Fold(sum));
            for (var i = 0; i < columns; i += LaneTail.Lanes)
                TLanes.Store((TLanes.Load(dy + i) - mean) * TLanes.Abs(TLanes.Load(p + i)) * factor, dy + i);
            p += probabilities.Stride;
            dy += gradients.Stride;
            weights += mixed.Stride;
        }
    }

    private readonly struct Kernel(Matrix p, Matrix dy, Matrix weights, float keepScale, float scale) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => Rows<TLanes>(p, dy, weights, keepScale, scale);

        public void RunScalar() => ScalarSoftmax.Backward(p, dy, weights, keepScale, scale);
    }
}
