using System.Runtime.CompilerServices;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.RowWise;

/// <summary>A table [entries, width] and the entry of it that each token takes. The ids are not checked.</summary>
internal readonly unsafe struct EmbeddingLookup(float* table, int* ids)
{
    public readonly float* Table = table;

    /// <summary>[tokens], or null: every token takes entry 0.</summary>
    public readonly int* Ids = ids;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Row(int token, int width) => Table + (Ids is null ? 0 : Ids[token] * (nint)width);
}

/// <summary>Sums of rows of embedding tables.</summary>
internal static unsafe class Embedding
{
    /// <summary>y[i] = tables[0][ids₀[i]] + tables[1][ids₁[i]] + …, added in the order of the tables (at least one).</summary>
    public static void Sum(EmbeddingLookup* tables, int tableCount, float* y, nint yStride, int rows, int width) =>
        Sum(InstructionSets.Selected, tables, tableCount, y, yStride, rows, width);

    /// <inheritdoc cref="Sum(EmbeddingLookup*, int, float*, nint, int, int)"/>
    public static void Sum(InstructionSet set, EmbeddingLookup* tables, int tableCount, float* y, nint yStride, int rows, int width)
    {
        switch (set)
        {
            case InstructionSet.Avx512: Rows<Lanes512>(tables, tableCount, y, yStride, rows, width); break;
            case InstructionSet.Avx2: Rows<Lanes256>(tables, tableCount, y, yStride, rows, width); break;
            case InstructionSet.Vector128: Rows<Lanes128>(tables, tableCount, y, yStride, rows, width); break;
            default: ScalarElementwise.SumEmbeddings(tables, tableCount, y, yStride, rows, width); break;
        }
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void Rows<TLanes>(EmbeddingLookup* tables, int tableCount, float* y, nint yStride, int rows, int width)
        where TLanes : struct, ILanes<TLanes>
    {
        for (var row = 0; row < rows; row++)
        {
            for (var table = 0; table < tableCount; table++)
            {
                var x = tables[table].Row(row, width);
                var i = 0;
                for (; i <= width - LaneTail.Lanes; i += LaneTail.Lanes)
                    TLanes.Store(table == 0 ? TLanes.Load(x + i) : TLanes.Load(y + i) + TLanes.Load(x + i), y + i);
                for (; i < width; i++)
                    y[i] = table == 0 ? x[i] : y[i] + x[i];
            }

            y += yStride;
        }
    }
}
