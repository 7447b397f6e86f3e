using System.Runtime.CompilerServices;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.RowWise;

/// <summary>
/// The softmax over rows, and the logarithm of its denominator. A row with NaN, with +∞ or with only -∞ gives NaN, as in PyTorch.
/// </summary>
internal static unsafe class Softmax
{
    /// <summary>In place over each of the rows: x[i][j] = exp(x[i][j] - max) / Σ exp(x[i][j] - max).</summary>
    public static void Forward(Matrix x) => Forward(InstructionSets.Selected, x);

    /// <inheritdoc cref="Forward(Matrix)"/>
    public static void Forward(InstructionSet set, Matrix x) => InstructionSets.Run(set, new ForwardKernel(x));

    /// <summary>result[i] = log Σⱼ exp(x[i][j]), without overflow.</summary>
    public static void LogSumExp(Matrix x, float* result) => LogSumExp(InstructionSets.Selected, x, result);

    /// <inheritdoc cref="LogSumExp(Matrix, float*)"/>
    public static void LogSumExp(InstructionSet set, Matrix x, float* result) =>
        InstructionSets.Run(set, new LogSumExpKernel(x, result));

    /// <summary>Three passes over each row: the maximum, the exponentials and their sum, the division.</summary>
    [MethodImpl(LeafKernel.Compilation)]
    private static void Rows<TLanes>(Matrix matrix)
        where TLanes : struct, ILanes<TLanes>
    {
        var x = matrix.Data;
        var stride = matrix.Stride;
        int rows = matrix.Rows, columns = matrix.Columns;
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
    private static void LogSumExp<TLanes>(Matrix matrix, float* result)
        where TLanes : struct, ILanes<TLanes>
    {
        var x = matrix.Data;
        var stride = matrix.Stride;
        int rows = matrix.Rows, columns = matrix.Columns;
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

    private readonly struct ForwardKernel(Matrix x) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => Rows<TLanes>(x);

        public void RunScalar() => ScalarSoftmax.Forward(x);
    }

    private readonly struct LogSumExpKernel(Matrix x, float* result) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => LogSumExp<TLanes>(x, result);

        public void RunScalar() => ScalarSoftmax.LogSumExp(x, result);
    }
}
