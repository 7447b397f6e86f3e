using System.Runtime.CompilerServices;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.RowWise;

/// <summary>Element-wise operations and sums over contiguous memory.</summary>
internal static unsafe class Elementwise
{
    /// <summary>
    /// The number of elements of a chunk. Sums are computed over chunks, each in 16 lanes of float32, and the chunks are added in order in
    /// float64. If a sum is divided among threads at multiples of this number and the sums of the chunks are added in order, the bits are
    /// those of a single call.
    /// </summary>
    public const int ChunkSize = 4096;

    /// <summary>result = x + y; result may be x or y.</summary>
    public static void Add(float* x, float* y, float* result, nint count) => Add(InstructionSets.Selected, x, y, result, count);

    /// <inheritdoc cref="Add(float*, float*, float*, nint)"/>
    public static void Add(InstructionSet set, float* x, float* y, float* result, nint count) =>
        InstructionSets.Run(set, new AddKernel(x, y, result, count));

    /// <summary>y = alpha·x + y with one rounding.</summary>
    public static void AddScaled(float alpha, float* x, float* y, nint count) => AddScaled(InstructionSets.Selected, alpha, x, y, count);

    /// <inheritdoc cref="AddScaled(float, float*, float*, nint)"/>
    public static void AddScaled(InstructionSet set, float alpha, float* x, float* y, nint count) =>
        InstructionSets.Run(set, new AddScaledKernel(alpha, x, y, count));

    /// <summary>y = alpha·x; y may be x.</summary>
    public static void Scale(float alpha, float* x, float* y, nint count) => Scale(InstructionSets.Selected, alpha, x, y, count);

    /// <inheritdoc cref="Scale(float, float*, float*, nint)"/>
    public static void Scale(InstructionSet set, float alpha, float* x, float* y, nint count) =>
        InstructionSets.Run(set, new ScaleKernel(alpha, x, y, count));

    /// <summary>result[j] += Σᵢ x[i][j], the rows one after another: the gradient of a bias.</summary>
    public static void AddColumnSums(Matrix x, float* result) => AddColumnSums(InstructionSets.Selected, x, result);

    /// <inheritdoc cref="AddColumnSums(Matrix, float*)"/>
    public static void AddColumnSums(InstructionSet set, Matrix x, float* result) =>
        InstructionSets.Run(set, new AddColumnSumsKernel(x, result));

    /// <summary>Σx in chunks of <see cref="ChunkSize"/>.</summary>
    public static double Sum(float* x, nint count) => Sum(InstructionSets.Selected, x, count);

    /// <inheritdoc cref="Sum(float*, nint)"/>
    public static double Sum(InstructionSet set, float* x, nint count)
    {
        double sum = 0;
        for (nint start = 0; start < count; start += ChunkSize)
        {
            var length = nint.Min(ChunkSize, count - start);
            float chunk;
            InstructionSets.Run(set, new SumKernel(x + start, length, &chunk));
            sum += chunk;
        }

        return sum;
    }

    /// <summary>Σx² in chunks of <see cref="ChunkSize"/>.</summary>
    public static double SumOfSquares(float* x, nint count) => SumOfSquares(InstructionSets.Selected, x, count);

    /// <inheritdoc cref="SumOfSquares(float*, nint)"/>
    public static double SumOfSquares(InstructionSet set, float* x, nint count)
    {
        double sum = 0;
        for (nint start = 0; start < count; start += ChunkSize)
        {
            var length = nint.Min(ChunkSize, count - start);
            float chunk;
            InstructionSets.Run(set, new SumOfSquaresKernel(x + start, length, &chunk));
            sum += chunk;
        }

        return sum;
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void Add<TLanes>(float* x, float* y, float* result, nint count)
        where TLanes : struct, ILanes<TLanes>
    {
        nint i = 0;
        for (; i <= count - LaneTail.Lanes; i += LaneTail.Lanes)
            TLanes.Store(TLanes.Load(x + i) + TLanes.Load(y + i), result + i);
        for (; i < count; i++)
            result[i] = x[i] + y[i];
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void AddScaled<TLanes>(float alpha, float* x, float* y, nint count)
        where TLanes : struct, ILanes<TLanes>
    {
        var factor = TLanes.Create(alpha);
        nint i = 0;
        for (; i <= count - LaneTail.Lanes; i += LaneTail.Lanes)
            TLanes.Store(TLanes.MultiplyAdd(factor, TLanes.Load(x + i), TLanes.Load(y + i)), y + i);
        if (i < count)
        {
            var last = TLanes.MultiplyAdd(factor, TLanes.LoadPartial(x + i, count - i, 0f), TLanes.LoadPartial(y + i, count - i, 0f));
            TLanes.StorePartial(last, y + i, count - i);
        }
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void Scale<TLanes>(float alpha, float* x, float* y, nint count)
        where TLanes : struct, ILanes<TLanes>
    {
        var factor = TLanes.Create(alpha);
        nint i = 0;
        for (; i <= count - LaneTail.Lanes; i += LaneTail.Lanes)
            TLanes.Store(factor * TLanes.Load(x + i), y + i);
        for (; i < count; i++)
            y[i] = alpha * x[i];
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void AddColumnSums<TLanes>(Matrix matrix, float* result)
        where TLanes : struct, ILanes<TLanes>
    {
        var x = matrix.Data;
        var stride = matrix.Stride;
        int rows = matrix.Rows, columns = matrix.Columns;

        // Four sums at a time: each is a chain of additions.
        var j = 0;
        for (; j <= columns - (4 * LaneTail.Lanes); j += 4 * LaneTail.Lanes)
        {
            var y = result + j;
            TLanes s0 = TLanes.Load(y), s1 = TLanes.Load(y + LaneTail.Lanes), s2 = TLanes.Load(y + (2 * LaneTail.Lanes)),
                s3 = TLanes.Load(y + (3 * LaneTail.Lanes));
            var row = x + j;
            for (var i = 0; i < rows; i++)
            {
                s0 += TLanes.Load(row);
                s1 += TLanes.Load(row + LaneTail.Lanes);
                s2 += TLanes.Load(row + (2 * LaneTail.Lanes));
                s3 += TLanes.Load(row + (3 * LaneTail.Lanes));
                row += stride;
            }

            TLanes.Store(s0, y);
            TLanes.Store(s1, y + LaneTail.Lanes);
            TLanes.Store(s2, y + (2 * LaneTail.Lanes));
            TLanes.Store(s3, y + (3 * LaneTail.Lanes));
        }

        for (; j <= columns - LaneTail.Lanes; j += LaneTail.Lanes)
        {
            var sum = TLanes.Load(result + j);
            for (var i = 0; i < rows; i++)
                sum += TLanes.Load(x + (i * stride) + j);
            TLanes.Store(sum, result + j);
        }

        for (; j < columns; j++)
        {
            var sum = result[j];
            for (var i = 0; i < rows; i++)
                sum += x[(i * stride) + j];
            result[j] = sum;
        }
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static float SumChunk<TLanes>(float* x, nint count)
        where TLanes : struct, ILanes<TLanes>
    {
        var sum = TLanes.Create(0f);
        nint i = 0;
        for (; i <= count - LaneTail.Lanes; i += LaneTail.Lanes)
            sum += TLanes.Load(x + i);
        if (i < count)
            sum += TLanes.LoadPartial(x + i, count - i, 0f);
        return TLanes.Fold(sum);
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static float SumOfSquaresChunk<TLanes>(float* x, nint count)
        where TLanes : struct, ILanes<TLanes>
    {
        var sum = TLanes.Create(0f);
        nint i = 0;
        for (; i <= count - LaneTail.Lanes; i += LaneTail.Lanes)
        {
            var value = TLanes.Load(x + i);
            sum = TLanes.MultiplyAdd(value, value, sum);
        }

        if (i < count)
        {
            var last = TLanes.LoadPartial(x + i, count - i, 0f);
            sum = TLanes.MultiplyAdd(last, last, sum);
        }

        return TLanes.Fold(sum);
    }

    private readonly struct AddKernel(float* x, float* y, float* result, nint count) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => Add<TLanes>(x, y, result, count);

        public void RunScalar() => ScalarElementwise.Add(x, y, result, count);
    }

    private readonly struct AddScaledKernel(float alpha, float* x, float* y, nint count) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => AddScaled<TLanes>(alpha, x, y, count);

        public void RunScalar() => ScalarElementwise.AddScaled(alpha, x, y, count);
    }

    private readonly struct ScaleKernel(float alpha, float* x, float* y, nint count) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => Scale<TLanes>(alpha, x, y, count);

        public void RunScalar() => ScalarElementwise.Scale(alpha, x, y, count);
    }

    private readonly struct AddColumnSumsKernel(Matrix x, float* result) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => AddColumnSums<TLanes>(x, result);

        public void RunScalar() => ScalarElementwise.AddColumnSums(x, result);
    }

    private readonly struct SumKernel(float* x, nint count, float* result) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => *result = SumChunk<TLanes>(x, count);

        public void RunScalar() => *result = ScalarReductions.Sum(x, count);
    }

    private readonly struct SumOfSquaresKernel(float* x, nint count, float* result) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => *result = SumOfSquaresChunk<TLanes>(x, count);

        public void RunScalar() => *result = ScalarReductions.SumOfSquares(x, count, 0f);
    }
}
