using System.Runtime.CompilerServices;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.RowWise;

/// <summary>Element by element operations and sums over contiguous memory.</summary>
internal static unsafe class Elementwise
{
    /// <summary>
    /// Sums run over chunks of this many elements, each in 16 lanes of float32, and the chunks are added in order in float64. Who divides a
    /// sum among threads at multiples of it and adds the sums of the chunks in order gets the bits of one call.
    /// </summary>
    public const int ChunkSize = 4096;

    /// <summary>result = x + y; result may be x or y.</summary>
    public static void Add(float* x, float* y, float* result, nint count) => Add(InstructionSets.Selected, x, y, result, count);

    /// <inheritdoc cref="Add(float*, float*, float*, nint)"/>
    public static void Add(InstructionSet set, float* x, float* y, float* result, nint count)
    {
        switch (set)
        {
            case InstructionSet.Avx512: Add<Lanes512>(x, y, result, count); break;
            case InstructionSet.Avx2: Add<Lanes256>(x, y, result, count); break;
            case InstructionSet.Vector128: Add<Lanes128>(x, y, result, count); break;
            default: ScalarElementwise.Add(x, y, result, count); break;
        }
    }

    /// <summary>y = alpha·x + y with one rounding.</summary>
    public static void AddScaled(float alpha, float* x, float* y, nint count) => AddScaled(InstructionSets.Selected, alpha, x, y, count);

    /// <inheritdoc cref="AddScaled(float, float*, float*, nint)"/>
    public static void AddScaled(InstructionSet set, float alpha, float* x, float* y, nint count)
    {
        switch (set)
        {
            case InstructionSet.Avx512: AddScaled<Lanes512>(alpha, x, y, count); break;
            case InstructionSet.Avx2: AddScaled<Lanes256>(alpha, x, y, count); break;
            case InstructionSet.Vector128: AddScaled<Lanes128>(alpha, x, y, count); break;
            default: ScalarElementwise.AddScaled(alpha, x, y, count); break;
        }
    }

    /// <summary>y = alpha·x; y may be x.</summary>
    public static void Scale(float alpha, float* x, float* y, nint count) => Scale(InstructionSets.Selected, alpha, x, y, count);

    /// <inheritdoc cref="Scale(float, float*, float*, nint)"/>
    public static void Scale(InstructionSet set, float alpha, float* x, float* y, nint count)
    {
        switch (set)
        {
            case InstructionSet.Avx512: Scale<Lanes512>(alpha, x, y, count); break;
            case InstructionSet.Avx2: Scale<Lanes256>(alpha, x, y, count); break;
            case InstructionSet.Vector128: Scale<Lanes128>(alpha, x, y, count); break;
            default: ScalarElementwise.Scale(alpha, x, y, count); break;
        }
    }

    /// <summary>result[j] += Σᵢ x[i][j], the rows one after another: the gradient of a bias.</summary>
    public static void AddColumnSums(float* x, nint stride, int rows, int columns, float* result) =>
        AddColumnSums(InstructionSets.Selected, x, stride, rows, columns, result);

    /// <inheritdoc cref="AddColumnSums(float*, nint, int, int, float*)"/>
    public static void AddColumnSums(InstructionSet set, float* x, nint stride, int rows, int columns, float* result)
    {
        switch (set)
        {
            case InstructionSet.Avx512: AddColumnSums<Lanes512>(x, stride, rows, columns, result); break;
            case InstructionSet.Avx2: AddColumnSums<Lanes256>(x, stride, rows, columns, result); break;
            case InstructionSet.Vector128: AddColumnSums<Lanes128>(x, stride, rows, columns, result); break;
            default: ScalarElementwise.AddColumnSums(x, stride, rows, columns, result); break;
        }
    }

    /// <summary>Σx in chunks of <see cref="ChunkSize"/>.</summary>
    public static double Sum(float* x, nint count) => Sum(InstructionSets.Selected, x, count);

    /// <inheritdoc cref="Sum(float*, nint)"/>
    public static double Sum(InstructionSet set, float* x, nint count)
    {
        double sum = 0;
        for (nint start = 0; start < count; start += ChunkSize)
        {
            var length = nint.Min(ChunkSize, count - start);
            sum += set switch
            {
                InstructionSet.Avx512 => SumChunk<Lanes512>(x + start, length),
                InstructionSet.Avx2 => SumChunk<Lanes256>(x + start, length),
                InstructionSet.Vector128 => SumChunk<Lanes128>(x + start, length),
                _ => ScalarReductions.Sum(x + start, length),
            };
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
            sum += set switch
            {
                InstructionSet.Avx512 => SumOfSquaresChunk<Lanes512>(x + start, length),
                InstructionSet.Avx2 => SumOfSquaresChunk<Lanes256>(x + start, length),
                InstructionSet.Vector128 => SumOfSquaresChunk<Lanes128>(x + start, length),
                _ => ScalarReductions.SumOfSquares(x + start, length, 0f),
            };
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
    private static void AddColumnSums<TLanes>(float* x, nint stride, int rows, int columns, float* result)
        where TLanes : struct, ILanes<TLanes>
    {
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
}
