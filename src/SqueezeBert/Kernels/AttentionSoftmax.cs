using System.Runtime.CompilerServices;

namespace SqueezeBert.Kernels;

/// <summary>What stands between the two products of attention.</summary>
internal static unsafe class AttentionSoftmax
{
    /// <summary>x = softmax(scale·x) in the first columns of each row, and 0 in the rest up to the stride.</summary>
    /// <param name="set">The instruction set.</param>
    /// <param name="x">[rows, stride].</param>
    /// <param name="stride">Elements from a row to the next, a multiple of 16, so that there are no tails.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="columns">The number of keys.</param>
    /// <param name="scale">Applied before the softmax.</param>
    /// <param name="scores">[rows, columns] or null: receives scale·x.</param>
    /// <param name="probabilities">[rows, columns] or null: receives the result.</param>
    public static void Run(InstructionSet set, float* x, int stride, int rows, int columns, float scale, float* scores, float* probabilities)
    {
        switch (set)
        {
            case InstructionSet.Avx512: Rows<Lanes512>(x, stride, rows, columns, scale, scores, probabilities); break;
            case InstructionSet.Avx2: Rows<Lanes256>(x, stride, rows, columns, scale, scores, probabilities); break;
            default: Rows<Lanes128>(x, stride, rows, columns, scale, scores, probabilities); break;
        }
    }

    /// <summary>As <see cref="Softmax"/>, but for the scale in the first pass and -∞ for keys that do not exist.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows<TLanes>(float* x, int stride, int rows, int columns, float scale, float* scores, float* probabilities)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes factor = TLanes.Create(scale);
        TLanes limit = LaneTail.Limit<TLanes>(columns % LaneTail.Lanes);
        int whole = columns - (columns % LaneTail.Lanes);
        for (int row = 0; row < rows; row++)
        {
            TLanes maximum = TLanes.Create(float.NegativeInfinity);
            for (int i = 0; i < whole; i += LaneTail.Lanes)
            {
                TLanes score = TLanes.Load(x + i) * factor;
                TLanes.Store(score, x + i);
                maximum = TLanes.Max(maximum, score);
            }

            if (whole < columns)
            {
                TLanes score = TLanes.Min(limit, TLanes.Load(x + whole) * factor);
                TLanes.Store(score, x + whole);
                maximum = TLanes.Max(maximum, score);
            }

            for (int i = 0; i < columns && scores is not null; i++)
                *scores++ = x[i];

            maximum = TLanes.Create(TLanes.Largest(maximum));
            TLanes sum = TLanes.Create(0f);
            for (int i = 0; i < stride; i += LaneTail.Lanes)
            {
                TLanes e = VectorMath<TLanes>.ExpOfNegative(TLanes.Load(x + i) - maximum);
                TLanes.Store(e, x + i);
                sum += e;
            }

            TLanes divisor = TLanes.Create(TLanes.Fold(sum));
            for (int i = 0; i < stride; i += LaneTail.Lanes)
                TLanes.Store(TLanes.Load(x + i) / divisor, x + i);

            for (int i = 0; i < columns && probabilities is not null; i++)
                *probabilities++ = x[i];
            x += stride;
        }
    }
}
