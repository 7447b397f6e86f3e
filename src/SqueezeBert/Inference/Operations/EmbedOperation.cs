using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Inference.Operations;

/// <summary>Sum of embedding rows for each token; ids were checked against the tables when the run began.</summary>
internal sealed unsafe class EmbedOperation : RowOperation
{
    private readonly (nint Table, EmbeddingIndex Index)[] _tables;

    public EmbedOperation(PlanValue output, EmbedNode node, PackedWeights weights)
        : base(output)
    {
        _tables = new (nint, EmbeddingIndex)[node.Tables.Count];
        var limits = new (EmbeddingIndex, int)[node.Tables.Count];
        for (var i = 0; i < limits.Length; i++)
        {
            var table = node.Tables[i];
            _tables[i] = ((nint)weights.Buffer(table.Weight), table.Index);
            limits[i] = (table.Index, table.Weight.Rows);
        }

        Limits = limits;
    }

    /// <summary>Rows of each table: ids must be below.</summary>
    public (EmbeddingIndex Index, int Rows)[] Limits { get; }

    public override void Execute(Execution execution, int start, int count, int worker)
    {
        var tables = stackalloc EmbeddingLookup[_tables.Length];
        for (var i = 0; i < _tables.Length; i++)
            tables[i] = new EmbeddingLookup((float*)_tables[i].Table, execution.Ids(_tables[i].Index) + start);
        Embedding.Sum(tables, _tables.Length, execution.Block(Output, start, count, worker));
    }
}
