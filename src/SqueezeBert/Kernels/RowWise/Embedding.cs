using System.Runtime.CompilerServices;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.RowWise;

/// <summary>A table [entries, width], stored row by row.</summary>
/// <param name="rows">The first row.</param>
/// <param name="form">The storage form of rows. Rows follow each other without a gap.</param>
/// <param name="scales">The scale of each row, or null if the form has none.</param>
internal readonly unsafe struct EmbeddingRows(void* rows, StoredForm form = StoredForm.Float32, float* scales = null)
{
    public readonly StoredForm Form = form;

    public byte* Row(nint entry, int width) => (byte*)rows + (entry * (nint)StoredForms.RowBytes(Form, width));

    /// <summary>Returns the scale of a row, or 1 if there is none.</summary>
    public float Scale(nint entry) => scales is null ? 1 : scales[entry];

    /// <summary>An element of an entry as a number.</summary>
    public float Element(nint entry, int column, int width)
    {
        var row = Row(entry, width);
        return Form switch
        {
            StoredForm.Float32 => Float32Row.Element(row, column),
            StoredForm.Int8 => Scale(entry) * Int8Row.Element(row, column),
            _ => Scale(entry) * Int4Row.Element(row, column),
        };
    }
}

/// <summary>A table [entries, width] and the entry that each token looks up. The ids are not checked.</summary>
/// <param name="table">[entries, width].</param>
/// <param name="ids">See <see cref="Ids"/>.</param>
/// <param name="mapping">The entry of each id as a whole number. Null means the id itself.</param>
/// <param name="factors">A factor for each id. Null means none.</param>
internal readonly unsafe struct EmbeddingLookup(EmbeddingRows table, int* ids, float* mapping = null, float* factors = null)
{
    public readonly EmbeddingRows Table = table;

    /// <summary>The ids [tokens], or null if every token looks up entry 0.</summary>
    public readonly int* Ids = ids;

    public EmbeddingLookup(float* table, int* ids, float* mapping = null, float* factors = null)
        : this(new EmbeddingRows(table), ids, mapping, factors)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Entry(int token) => Ids is null ? 0 : mapping is null ? Ids[token] : (int)mapping[Ids[token]];

    /// <summary>Returns the factor of a token's entry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Factor(int token) => factors is null ? 1 : factors[Ids is null ? 0 : Ids[token]];
}

/// <summary>Sums of rows of embedding tables.</summary>
internal static unsafe class Embedding
{
    /// <summary>
    /// y[i] = factor₀ tables[0][ids₀[i]] + factor₁ tables[1][ids₁[i]] + …, added in the order of the tables (at least one). A product is
    /// rounded before it is added, and a factor of one changes nothing. An element that is stored as an integer is first multiplied by the
    /// scale of its row and rounded, as in a table of dequantized numbers.
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
        for (var row = 0; row < target.Rows; row++)
        {
            for (var table = 0; table < tableCount; table++)
            {
                var entry = tables[table].Entry(row);
                var (from, scale) = ((nint)tables[table].Table.Row(entry, target.Columns), tables[table].Table.Scale(entry));
                var factor = tables[table].Factor(row);
                switch (tables[table].Table.Form)
                {
                    case StoredForm.Float32: Add<TLanes, Float32Row>((byte*)from, scale, factor, y, target.Columns, table == 0); break;
                    case StoredForm.Int8: Add<TLanes, Int8Row>((byte*)from, scale, factor, y, target.Columns, table == 0); break;
                    default: Add<TLanes, Int4Row>((byte*)from, scale, factor, y, target.Columns, table == 0); break;
                }
            }

            y += target.Stride;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TLanes, TRow>(byte* x, float scale, float factor, float* y, int width, bool isFirst)
        where TLanes : struct, ILanes<TLanes>
        where TRow : struct, IStoredRow
    {
        var (scales, factors) = (TLanes.Create(scale), TLanes.Create(factor));
        nint i = 0;
        for (; i <= width - LaneTail.Lanes; i += LaneTail.Lanes)
        {
            var value = TRow.Load<TLanes>(x, i);
            if (TRow.HasScale) value = scales * value;
            value = factors * value;
            TLanes.Store(isFirst ? value : TLanes.Load(y + i) + value, y + i);
        }

        for (; i < width; i++)
        {
            var value = TRow.Element(x, i);
            if (TRow.HasScale) value = scale * value;
            value = factor * value;
            y[i] = isFirst ? value : y[i] + value;
        }
    }

    private readonly struct SumKernel(EmbeddingLookup* tables, int tableCount, Matrix y) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => Rows<TLanes>(tables, tableCount, y);

        public void RunScalar() => ScalarElementwise.SumEmbeddings(tables, tableCount, y);
    }
}
