using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Nodes;

/// <summary>
/// Divides each row by its length (the square root of the sum of squares), as for sentence vectors. A row of zeros is kept.
/// </summary>
internal sealed class NormalizeNode(Node input) : RowWiseNode(input.Width, input.Rows, input)
{
    public override IReadOnlyList<ParameterExpression> Expressions => [];

    public override Node WithInputs(IReadOnlyList<Node> inputs) => new NormalizeNode(inputs[0]);

    public override long Flops(long rows, long tokens) => 0;
}
