using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Nodes;

/// <summary>What an embedding table is indexed by.</summary>
internal enum EmbeddingIndex
{
    TokenId,
    Position,
    TokenTypeId,
}

internal sealed record EmbeddingTable(ParameterExpression Weight, EmbeddingIndex Index);

/// <summary>
/// Sum of table rows, in the order of <paramref name="tables"/>. A look-up is cheap and its ids are by token, so all rows are computed.
/// </summary>
internal sealed class EmbedNode(IReadOnlyList<EmbeddingTable> tables) : RowWiseNode(tables[0].Weight.Columns, RowSet.Tokens)
{
    public IReadOnlyList<EmbeddingTable> Tables { get; } = tables;

    public override IReadOnlyList<ParameterExpression> Expressions => [.. Tables.Select(table => table.Weight)];

    public override RowSet RowsComputed(RowSet demanded) => Rows;

    public override Node WithInputs(IReadOnlyList<Node> inputs) => new EmbedNode(Tables);

    public override long Flops(long rows, long tokens) => 0;
}
