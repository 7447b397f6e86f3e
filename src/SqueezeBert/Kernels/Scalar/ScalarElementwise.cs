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

    public static void AddColumnSums(Matrix x, float* result)
    {
        for (var i = 0; i < x.Rows; i++)
            Add(x.Row(i), result, result, x.Columns);
    }

    public static void SumEmbeddings(EmbeddingLookup* tables, int tableCount, Matrix y)
    {
        for (var i = 0; i < y.Rows; i++)
        {
            var to = y.Row(i);
            for (var table = 0; table < tableCount; table++)
            {
                var (entry, factor) = (tables[table].Entry(i), tables[table].Factor(i));
                for (var j = 0; j < y.Columns; j++)
                {
                    var scaled = factor * tables[table].Table.Element(entry, j, y.Columns);
                    to[j] = table == 0 ? scaled : to[j] + scaled;
                }
            }
        }
    }
}
