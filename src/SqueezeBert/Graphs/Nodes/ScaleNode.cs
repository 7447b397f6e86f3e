using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Nodes;

/// <summary>Multiplies by a constant.</summary>
internal sealed class ScaleNode(Node input, float factor) : RowWiseNode(input.Width, input.Rows, input)
{
    public float Factor { get; } = factor;

    public override IReadOnlyList<ParameterExpression> Expressions => [];

    public override Node WithInputs(IReadOnlyList<Node> inputs) => new ScaleNode(inputs[0], Factor);

    public override long Flops(long rows, long tokens) => 0;
}
