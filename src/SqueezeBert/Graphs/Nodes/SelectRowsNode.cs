using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Nodes;

/// <summary>Keeps a subset of the token rows.</summary>
internal sealed class SelectRowsNode(Node input, RowSet selection) : RowWiseNode(input.Width, selection, input)
{
    public override IReadOnlyList<ParameterExpression> Expressions => [];

    public override Node WithInputs(IReadOnlyList<Node> inputs) => new SelectRowsNode(inputs[0], Rows);

    public override long Flops(long rows, long tokens) => 0;
}
