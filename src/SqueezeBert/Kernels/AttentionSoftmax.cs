using System.Runtime.CompilerServices;

namespace SqueezeBert.Kernels;

/// <summary>
/// What stands between and after the two products of attention. The division by the sum of a softmax is left to the end: the output of a head has fewer elements than its
/// probabilities.
/// </summary>
internal static unsafe class AttentionSoftmax
{
    /// <summary>x = exp(scale·x - scale·max) in the first columns of each row, and 0 in the rest up to the stride.</summary>
    /// <param name="set">The instruction set.</param>
    /// <param name="x">[rows, stride].</param>
    /// <param name="stride">Elements from a row to the next, a multiple of 16, so that there are no tails.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="columns">The number of keys.</param>
    /// <param name="scale">Above zero.</param>
    /// <param name="sums">[rows]: receives the sum of each row.</param>
    /// <param name="scores">[rows, columns] or null: receives scale·x.</param>
    /// <param name="probabilities">[rows, columns] or null: receives the result over its sum.</param>
    public static void Exponentials(InstructionSet set, float* x, int stride, int rows, int columns, float scale, float* sums, float* scores, float* probabilities)
    {
        switch (set)
        {
            case InstructionSet.Avx512: Exponentials<Lanes512>(x, stride, rows, columns, scale, sums, scores, probabilities); break;
            case InstructionSet.Avx2: Exponentials<Lanes256>(x, stride, rows, columns, scale, sums, scores, probabilities); break;
            default: Exponentials<Lanes128>(x, stride, rows, columns, scale, sums, scores, probabilities); break;
        }
    }

    /// <summary>x[i][j] /= sums[i].</summary>
    public static void Normalize(InstructionSet set, float* x, nint stride, int rows, int columns, float* sums)
    {
        switch (set)
        {
            case InstructionSet.Avx512: Normalize<Lanes512>(x, stride, rows, columns, sums); break;
            case InstructionSet.Avx2: Normalize<Lanes256>(x, stride, rows, columns, sums); break;
            default: Normalize<Lanes128>(x, stride, rows, columns, sums); break;
        }
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void Exponentials<TLanes>(float* x, int stride, int rows, int columns, float scale, float* sums, float* scores, float* probabilities)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes factor = TLanes.Create(scale);
        TLanes limit = LaneTail.Limit<TLanes>(columns % LaneTail.Lanes);
        int whole = columns - (columns % LaneTail.Lanes);
        for (int row = 0; row < rows; row++)
        {
            for (int i = 0; i < columns && scores is not null; i++)
                *scores++ = x[i] * scale;

            TLanes maximum = TLanes.Create(float.NegativeInfinity);
            for (int i = 0; i < whole; i += LaneTail.Lanes)
                maximum = TLanes.Max(maximum, TLanes.Load(x + i));

            // Keys that do not exist: exp(-∞) = 0.
            if (whole < columns)
            {
                TLanes last = TLanes.Min(limit, TLanes.Load(x + whole));
                TLanes.Store(last, x + whole);
                maximum = TLanes.Max(maximum, last);
            }

            maximum = TLanes.Create(TLanes.Largest(maximum)) * TLanes.Create(-scale);
            TLanes sum = TLanes.Create(0f);
            for (int i = 0; i < stride; i += LaneTail.Lanes)
            {
                TLanes e = VectorMath<TLanes>.ExpOfNegative(TLanes.MultiplyAdd(TLanes.Load(x + i), factor, maximum));
                TLanes.Store(e, x + i);
                sum += e;
            }

            sums[row] = TLanes.Fold(sum);
            for (int i = 0; i < columns && probabilities is not null; i++)
                *probabilities++ = x[i] / sums[row];
            x += stride;
        }
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void Normalize<TLanes>(float* x, nint stride, int rows, int columns, float* sums)
        where TLanes : struct, ILanes<TLanes>
    {
        int whole = columns - (columns % LaneTail.Lanes), rest = columns - whole;
        for (int row = 0; row < rows; row++)
        {
            TLanes divisor = TLanes.Create(sums[row]);
            for (int i = 0; i < whole; i += LaneTail.Lanes)
                TLanes.Store(TLanes.Load(x + i) / divisor, x + i);
            if (rest > 0)
                TLanes.StorePartial(TLanes.LoadPartial(x + whole, rest, 1f) / divisor, x + whole, rest);
            x += stride;
        }
    }
}
