using SqueezeBert.Kernels;
using SqueezeBert.Models;

namespace SqueezeBert.Inference.Steps;

/// <summary>Sum of embedding rows for each token; ids were checked against the tables when the run began.</summary>
internal sealed unsafe class EmbedStep : RowStep
{
    private readonly (nint Table, EmbeddingIndex Index)[] _tables;

    public EmbedStep(PlanValue output, EmbedNode node, PackedWeights weights)
        : base(output)
    {
        _tables = [.. node.Tables.Select(table => ((nint)weights.Buffer(table.Weight), table.Index))];
        Limits = [.. node.Tables.Select(table => (table.Index, table.Weight.Rows))];
    }

    /// <summary>Rows of each table: ids must be below.</summary>
    public IReadOnlyList<(EmbeddingIndex Index, int Rows)> Limits { get; }

    public override void Execute(Execution execution, int start, int count, int worker)
    {
        var tables = stackalloc Kernels.EmbeddingTable[_tables.Length];
        for (var i = 0; i < _tables.Length; i++)
            tables[i] = new Kernels.EmbeddingTable((float*)_tables[i].Table, execution.Ids(_tables[i].Index) + start);
        Embedding.Sum(tables, _tables.Length, execution.Pointer(Output, start, worker), Output.Width, count, Output.Width);
    }
}
