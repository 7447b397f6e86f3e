using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Nodes;

/// <summary>What an embedding table is indexed by.</summary>
internal enum EmbeddingIndex
{
    TokenId,
    Position,
    TokenTypeId,
}

internal sealed record EmbeddingTable(ParameterExpression Weight, EmbeddingIndex Index)
{
    /// <summary>The row number for each index, with the shape [indices]. Null means the index itself.</summary>
    public Parameter? Mapping { get; init; }

    /// <summary>A factor for the row of each index, with the shape [indices]. Null means no factors.</summary>
    public Parameter? Factors { get; init; }

    /// <summary>The number of indices. Each index must be below it.</summary>
    public int IndexCount => Mapping?.Rows ?? Weight.Rows;

    public IEnumerable<ParameterExpression> Expressions
    {
        get
        {
            yield return Weight;
            if (Mapping is not null) yield return Mapping;
            if (Factors is not null) yield return Factors;
        }
    }
}

/// <summary>
/// The sum of table rows, in the order of <paramref name="tables"/>. All rows are computed, because a look-up is cheap and its ids are
/// given per token.
/// </summary>
internal sealed class EmbedNode(IReadOnlyList<EmbeddingTable> tables) : RowWiseNode(tables[0].Weight.Columns, RowSet.Tokens)
{
    public IReadOnlyList<EmbeddingTable> Tables { get; } = tables;

    public override IReadOnlyList<ParameterExpression> Expressions => [.. Tables.SelectMany(table => table.Expressions)];

    public override RowSet RowsComputed(RowSet demanded) => Rows;

    public override Node WithInputs(IReadOnlyList<Node> inputs) => new EmbedNode(Tables);

    public override long Flops(long rows, long tokens) => 0;
}
