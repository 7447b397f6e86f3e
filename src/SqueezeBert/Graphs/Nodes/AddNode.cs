using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Nodes;

/// <summary>The sum of two values with the same shape.</summary>
internal sealed class AddNode : RowWiseNode
{
    public AddNode(Node left, Node right)
        : base(left.Width, left.Rows, left, right)
    {
        if (left.Width != right.Width || left.Rows != right.Rows)
            throw new InvalidOperationException($"cannot add [{left.Rows}, {left.Width}] and [{right.Rows}, {right.Width}]");
    }

    public override IReadOnlyList<ParameterExpression> Expressions => [];

    public override Node WithInputs(IReadOnlyList<Node> inputs) => new AddNode(inputs[0], inputs[1]);

    public override long Flops(long rows, long tokens) => 0;
}
