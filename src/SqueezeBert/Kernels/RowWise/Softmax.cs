using System.Runtime.CompilerServices;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.RowWise;

/// <summary>
/// Softmax and its logarithm's denominator over rows. A row with NaN, with +∞ or with nothing but -∞ gives NaN, as in PyTorch.
/// </summary>
internal static unsafe class Softmax
{
    /// <summary>In place over each of the rows [rows, columns]: x[i][j] = exp(x[i][j] - max) / Σ exp(x[i][j] - max).</summary>
    public static void Forward(float* x, nint stride, int rows, int columns) => Forward(InstructionSets.Selected, x, stride, rows, columns);

    /// <inheritdoc cref="Forward(float*, nint, int, int)"/>
    public static void Forward(InstructionSet set, float* x, nint stride, int rows, int columns)
    {
        switch (set)
        {
            case InstructionSet.Avx512: Rows<Lanes512>(x, stride, rows, columns); break;
            case InstructionSet.Avx2: Rows<Lanes256>(x, stride, rows, columns); break;
            case InstructionSet.Vector128: Rows<Lanes128>(x, stride, rows, columns); break;
            default: ScalarSoftmax.Forward(x, stride, rows, columns); break;
        }
    }

    /// <summary>result[i] = log Σⱼ exp(x[i][j]), without overflow.</summary>
    public static void LogSumExp(float* x, nint stride, int rows, int columns, float* result) =>
        LogSumExp(InstructionSets.Selected, x, stride, rows, columns, result);

    /// <inheritdoc cref="LogSumExp(float*, nint, int, int, float*)"/>
    public static void LogSumExp(InstructionSet set, float* x, nint stride, int rows, int columns, float* result)
    {
        switch (set)
        {
            case InstructionSet.Avx512: LogSumExp<Lanes512>(x, stride, rows, columns, result); break;
            case InstructionSet.Avx2: LogSumExp<Lanes256>(x, stride, rows, columns, result); break;
            case InstructionSet.Vector128: LogSumExp<Lanes128>(x, stride, rows, columns, result); break;
            default: ScalarSoftmax.LogSumExp(x, stride, rows, columns, result); break;
        }
    }

    /// <summary>Three passes over each row: the maximum, the exponentials and their sum, the division.</summary>
    [MethodImpl(LeafKernel.Compilation)]
    private static void Rows<TLanes>(float* x, nint stride, int rows, int columns)
        where TLanes : struct, ILanes<TLanes>
    {
        int whole = columns - (columns % LaneTail.Lanes), rest = columns - whole;
        for (var row = 0; row < rows; row++)
        {
            var maximum = TLanes.Create(TLanes.Largest(Maximum<TLanes>(x, whole, rest)));
            var sum = TLanes.Create(0f);
            for (var i = 0; i < whole; i += LaneTail.Lanes)
            {
                var e = VectorMath<TLanes>.ExpOfNegative(TLanes.Load(x + i) - maximum);
                TLanes.Store(e, x + i);
                sum += e;
            }

            var last = TLanes.Create(0f);
            if (rest > 0)
            {
                last = VectorMath<TLanes>.ExpOfNegative(TLanes.LoadPartial(x + whole, rest, float.NegativeInfinity) - maximum);
                sum += last;
            }

            var divisor = TLanes.Create(TLanes.Fold(sum));
            for (var i = 0; i < whole; i += LaneTail.Lanes)
                TLanes.Store(TLanes.Load(x + i) / divisor, x + i);
            if (rest > 0)
                TLanes.StorePartial(last / divisor, x + whole, rest);
            x += stride;
        }
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void LogSumExp<TLanes>(float* x, nint stride, int rows, int columns, float* result)
        where TLanes : struct, ILanes<TLanes>
    {
        int whole = columns - (columns % LaneTail.Lanes), rest = columns - whole;
        for (var row = 0; row < rows; row++)
        {
            var largest = TLanes.Largest(Maximum<TLanes>(x, whole, rest));
            TLanes maximum = TLanes.Create(largest), sum = TLanes.Create(0f);
            for (var i = 0; i < whole; i += LaneTail.Lanes)
                sum += VectorMath<TLanes>.ExpOfNegative(TLanes.Load(x + i) - maximum);
            if (rest > 0)
                sum += VectorMath<TLanes>.ExpOfNegative(TLanes.LoadPartial(x + whole, rest, float.NegativeInfinity) - maximum);
            result[row] = largest + ScalarMath.Log(TLanes.Fold(sum));
            x += stride;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Maximum<TLanes>(float* x, int whole, int rest)
        where TLanes : struct, ILanes<TLanes>
    {
        var maximum = TLanes.Create(float.NegativeInfinity);
        for (var i = 0; i < whole; i += LaneTail.Lanes)
            maximum = TLanes.Max(maximum, TLanes.Load(x + i));
        if (rest > 0)
            maximum = TLanes.Max(maximum, TLanes.LoadPartial(x + whole, rest, float.NegativeInfinity));
        return maximum;
    }
}
