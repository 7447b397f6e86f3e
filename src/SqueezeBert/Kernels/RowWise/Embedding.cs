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
    public static void Sum(EmbeddingLookup* tables, int tableCount, Matrix y) => Sum(InstructionSets.Selected, tables, tableCount, y);

    /// <inheritdoc cref="Sum(EmbeddingLookup*, int, Matrix)"/>
    public static void Sum(InstructionSet set, EmbeddingLookup* tables, int tableCount, Matrix y) =>
        InstructionSets.Run(set, new SumKernel(tables, tableCount, y));

    [MethodImpl(LeafKernel.Compilation)]
    private static void Rows<TLanes>(EmbeddingLookup* tables, int tableCount, Matrix target)
        where TLanes : struct, ILanes<TLanes>
    {
        var y = target.Data;
        var yStride = target.Stride;
        int rows = target.Rows, width = target.Columns;
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

    private readonly struct SumKernel(EmbeddingLookup* tables, int tableCount, Matrix y) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => Rows<TLanes>(tables, tableCount, y);

        public void RunScalar() => ScalarElementwise.SumEmbeddings(tables, tableCount, y);
    }
}
