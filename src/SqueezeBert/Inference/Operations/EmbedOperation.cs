using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Inference.Operations;

/// <summary>
/// Computes the sum of embedding rows for each token. The ids were checked against the tables at the beginning of the run.
/// </summary>
internal sealed unsafe class EmbedOperation : RowOperation
{
    private readonly (EmbeddingRows Table, EmbeddingIndex Index, nint Mapping, nint Factors)[] _tables;

    public EmbedOperation(PlanValue output, EmbedNode node, PackedWeights weights)
        : base(output)
    {
        _tables = new (EmbeddingRows, EmbeddingIndex, nint, nint)[node.Tables.Count];
        var limits = new (EmbeddingIndex, int)[node.Tables.Count];
        for (var i = 0; i < limits.Length; i++)
        {
            var table = node.Tables[i];
            _tables[i] = (weights.Table(table.Weight), table.Index,
                table.Mapping is null ? 0 : (nint)weights.Buffer(table.Mapping),
                table.Factors is null ? 0 : (nint)weights.Buffer(table.Factors));
            limits[i] = (table.Index, table.IndexCount);
        }

        Limits = limits;
    }

    /// <summary>The number of rows of each table, which the ids must be below.</summary>
    public (EmbeddingIndex Index, int Rows)[] Limits { get; }

    public override void Execute(Execution execution, int start, int count, int worker)
    {
        var tables = stackalloc EmbeddingLookup[_tables.Length];
        for (var i = 0; i < _tables.Length; i++)
        {
            var (table, index, mapping, factors) = _tables[i];
            tables[i] = new EmbeddingLookup(table, execution.Ids(index) + start, (float*)mapping, (float*)factors);
        }

        Embedding.Sum(tables, _tables.Length, execution.Block(Output, start, count, worker));
    }
}
