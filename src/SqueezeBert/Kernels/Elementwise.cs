using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels;

/// <summary>Element by element operations and sums over contiguous memory.</summary>
internal static unsafe class Elementwise
{
    /// <summary>
    /// Sums run over chunks of this many elements, each in 16 lanes of float32, and the chunks are added in order in float64. Who divides a sum among threads at
    /// multiples of it and adds the sums of the chunks in order gets the bits of one call.
    /// </summary>
    public const int ChunkSize = 4096;

    /// <summary>result = x + y; result may be x or y.</summary>
    public static void Add(float* x, float* y, float* result, nint count) => Add(InstructionSets.Selected, x, y, result, count);

    /// <inheritdoc cref="Add(float*, float*, float*, nint)"/>
    public static void Add(InstructionSet set, float* x, float* y, float* result, nint count)
    {
        ScalarElementwise.Add(x, y, result, count);
    }

    /// <summary>y = alpha·x + y with one rounding.</summary>
    public static void AddScaled(float alpha, float* x, float* y, nint count) => AddScaled(InstructionSets.Selected, alpha, x, y, count);

    /// <inheritdoc cref="AddScaled(float, float*, float*, nint)"/>
    public static void AddScaled(InstructionSet set, float alpha, float* x, float* y, nint count)
    {
        ScalarElementwise.AddScaled(alpha, x, y, count);
    }

    /// <summary>y = alpha·x; y may be x.</summary>
    public static void Scale(float alpha, float* x, float* y, nint count) => Scale(InstructionSets.Selected, alpha, x, y, count);

    /// <inheritdoc cref="Scale(float, float*, float*, nint)"/>
    public static void Scale(InstructionSet set, float alpha, float* x, float* y, nint count)
    {
        ScalarElementwise.Scale(alpha, x, y, count);
    }

    /// <summary>result[j] += Σᵢ x[i][j], the rows one after another: the gradient of a bias.</summary>
    public static void AddColumnSums(float* x, nint stride, int rows, int columns, float* result) =>
        AddColumnSums(InstructionSets.Selected, x, stride, rows, columns, result);

    /// <inheritdoc cref="AddColumnSums(float*, nint, int, int, float*)"/>
    public static void AddColumnSums(InstructionSet set, float* x, nint stride, int rows, int columns, float* result)
    {
        ScalarElementwise.AddColumnSums(x, stride, rows, columns, result);
    }

    /// <summary>Σx in chunks of <see cref="ChunkSize"/>.</summary>
    public static double Sum(float* x, nint count) => Sum(InstructionSets.Selected, x, count);

    /// <inheritdoc cref="Sum(float*, nint)"/>
    public static double Sum(InstructionSet set, float* x, nint count)
    {
        double sum = 0;
        for (nint start = 0; start < count; start += ChunkSize)
            sum += ScalarReductions.Sum(x + start, nint.Min(ChunkSize, count - start));
        return sum;
    }

    /// <summary>Σx² in chunks of <see cref="ChunkSize"/>.</summary>
    public static double SumOfSquares(float* x, nint count) => SumOfSquares(InstructionSets.Selected, x, count);

    /// <inheritdoc cref="SumOfSquares(float*, nint)"/>
    public static double SumOfSquares(InstructionSet set, float* x, nint count)
    {
        double sum = 0;
        for (nint start = 0; start < count; start += ChunkSize)
            sum += ScalarReductions.SumOfSquares(x + start, nint.Min(ChunkSize, count - start), 0f);
        return sum;
    }
}
