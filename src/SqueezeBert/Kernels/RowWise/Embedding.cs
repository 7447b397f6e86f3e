using System.Runtime.CompilerServices;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.RowWise;

/// <summary>A table [entries, width] and the entry of it that each token takes. The ids are not checked.</summary>
/// <param name="table">[entries, width].</param>
/// <param name="ids">See <see cref="Ids"/>.</param>
/// <param name="mapping">The entry of each id as a whole number; null: the id itself.</param>
/// <param name="factors">A factor for each id; null: none.</param>
internal readonly unsafe struct EmbeddingLookup(float* table, int* ids, float* mapping = null, float* factors = null)
{
    public readonly float* Table = table;

    /// <summary>[tokens], or null: every token takes entry 0.</summary>
    public readonly int* Ids = ids;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Row(int token, int width) =>
        Table + (Ids is null ? 0 : (mapping is null ? Ids[token] : (int)mapping[Ids[token]]) * (nint)width);

    /// <summary>What the entry of a token is multiplied by.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Factor(int token) => factors is null ? 1 : factors[Ids is null ? 0 : Ids[token]];
}

/// <summary>Sums of rows of embedding tables.</summary>
internal static unsafe class Embedding
{
    /// <summary>
    /// y[i] = factor₀ tables[0][ids₀[i]] + factor₁ tables[1][ids₁[i]] + …, added in the order of the tables (at least one). A product is
    /// rounded before it is added; a factor of one changes nothing.
    /// </summary>
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
                var factor = tables[table].Factor(row);
                var factors = TLanes.Create(factor);
                var i = 0;
                for (; i <= width - LaneTail.Lanes; i += LaneTail.Lanes)
                {
                    var scaled = factors * TLanes.Load(x + i);
                    TLanes.Store(table == 0 ? scaled : TLanes.Load(y + i) + scaled, y + i);
                }

                for (; i < width; i++)
                {
                    var scaled = factor * x[i];
                    y[i] = table == 0 ? scaled : y[i] + scaled;
                }
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
