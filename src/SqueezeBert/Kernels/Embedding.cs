using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels;

/// <summary>A table [entries, width] and the entry of it that each token takes. The ids are not checked.</summary>
internal readonly unsafe struct EmbeddingTable(float* table, int* ids)
{
    public readonly float* Table = table;

    /// <summary>[tokens], or null: every token takes entry 0.</summary>
    public readonly int* Ids = ids;

    public float* Row(int token, int width) => Table + (Ids is null ? 0 : Ids[token] * (nint)width);
}

/// <summary>Sums of rows of embedding tables.</summary>
internal static unsafe class Embedding
{
    /// <summary>y[i] = tables[0][ids₀[i]] + tables[1][ids₁[i]] + …, added in the order of the tables (at least one).</summary>
    public static void Sum(EmbeddingTable* tables, int tableCount, float* y, nint yStride, int rows, int width) =>
        Sum(InstructionSets.Selected, tables, tableCount, y, yStride, rows, width);

    /// <inheritdoc cref="Sum(EmbeddingTable*, int, float*, nint, int, int)"/>
    public static void Sum(InstructionSet set, EmbeddingTable* tables, int tableCount, float* y, nint yStride, int rows, int width)
    {
        ScalarElementwise.SumEmbeddings(tables, tableCount, y, yStride, rows, width);
    }
}
