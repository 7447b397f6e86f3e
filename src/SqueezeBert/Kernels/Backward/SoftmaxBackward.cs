using System.Runtime.CompilerServices;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.Backward;

/// <summary>The backward pass through a dropout of attention probabilities, the softmax before it and the scale before that.</summary>
internal static unsafe class SoftmaxBackward
{
    /// <summary>
    /// For each row, with f = 0 where the probability p is marked as dropped and else the dropout's scale: dy, the gradient by f·|p|,
    /// becomes scale·|p|·(f·dy - Σ f·dy·|p|), the one by the products of queries and keys; and <paramref name="weights"/> = f·|p|.
    /// </summary>
    /// <param name="p">[rows, stride], marked by <see cref="Dropout.Mark(float*, float*, int, ulong, uint, float)"/>; zeros beyond the
    /// keys.</param>
    /// <param name="dy">[rows, stride].</param>
    /// <param name="weights">[rows, stride].</param>
    /// <param name="stride">Elements from a row to the next, a multiple of 16, so that there are no tails.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="keepScale">The dropout's scale; 1 without one.</param>
    /// <param name="scale">Of the products.</param>
    public static void Run(float* p, float* dy, float* weights, int stride, int rows, float keepScale, float scale) =>
        Run(InstructionSets.Selected, p, dy, weights, stride, rows, keepScale, scale);

    /// <inheritdoc cref="Run(float*, float*, float*, int, int, float, float)"/>
    public static void Run(InstructionSet set, float* p, float* dy, float* weights, int stride, int rows, float keepScale, float scale)
    {
        switch (set)
        {
            case InstructionSet.Avx512: Rows<Lanes512>(p, dy, weights, stride, rows, keepScale, scale); break;
            case InstructionSet.Avx2: Rows<Lanes256>(p, dy, weights, stride, rows, keepScale, scale); break;
            case InstructionSet.Vector128: Rows<Lanes128>(p, dy, weights, stride, rows, keepScale, scale); break;
            default: ScalarSoftmax.Backward(p, dy, weights, stride, rows, keepScale, scale); break;
        }
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void Rows<TLanes>(float* p, float* dy, float* weights, int stride, int rows, float keepScale, float scale)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes zero = TLanes.Create(0f), keep = TLanes.Create(keepScale), factor = TLanes.Create(scale);
        for (var row = 0; row < rows; row++)
        {
            var sum = zero;
            for (var i = 0; i < stride; i += LaneTail.Lanes)
            {
                TLanes marked = TLanes.Load(p + i), probability = TLanes.Abs(marked), f = TLanes.SelectNegative(marked, zero, keep);
                var gradient = f * TLanes.Load(dy + i);
                TLanes.Store(gradient, dy + i);
                TLanes.Store(f * probability, weights + i);
                sum += gradient * probability;
            }

            var mean = TLanes.Create(TLanes.Fold(sum));
            for (var i = 0; i < stride; i += LaneTail.Lanes)
                TLanes.Store((TLanes.Load(dy + i) - mean) * TLanes.Abs(TLanes.Load(p + i)) * factor, dy + i);
            p += stride;
            dy += stride;
            weights += stride;
        }
    }
}
