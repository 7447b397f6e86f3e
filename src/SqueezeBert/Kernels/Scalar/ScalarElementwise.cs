using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Kernels.Scalar;

/// <summary>The reference of <see cref="Elementwise"/> and <see cref="Embedding"/>.</summary>
internal static unsafe class ScalarElementwise
{
    public static void Add(float* x, float* y, float* result, nint count)
    {
        for (nint i = 0; i < count; i++)
            result[i] = x[i] + y[i];
    }

    public static void AddScaled(float alpha, float* x, float* y, nint count)
    {
        for (nint i = 0; i < count; i++)
            y[i] = ScalarMath.MultiplyAdd(alpha, x[i], y[i]);
    }

    public static void Scale(float alpha, float* x, float* y, nint count)
    {
        for (nint i = 0; i < count; i++)
            y[i] = alpha * x[i];
    }

    public static void AddColumnSums(float* x, nint stride, int rows, int columns, float* result)
    {
        for (var i = 0; i < rows; i++)
            Add(x + (i * stride), result, result, columns);
    }

    public static void SumEmbeddings(EmbeddingLookup* tables, int tableCount, float* y, nint yStride, int rows, int width)
    {
        for (var i = 0; i < rows; i++)
        {
            var to = y + (i * yStride);
            new ReadOnlySpan<float>(tables[0].Row(i, width), width).CopyTo(new Span<float>(to, width));
            for (var table = 1; table < tableCount; table++)
                Add(to, tables[table].Row(i, width), to, width);
        }
    }
}
