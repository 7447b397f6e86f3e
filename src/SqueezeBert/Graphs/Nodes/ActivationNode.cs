using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Nodes;

internal sealed class ActivationNode(Node input, Activation activation) : RowWiseNode(input.Width, input.Rows, input)
{
    public Activation Activation { get; } = activation;

    public override IReadOnlyList<ParameterExpression> Expressions => [];

    public override Node WithInputs(IReadOnlyList<Node> inputs) => new ActivationNode(inputs[0], Activation);

    public override long Flops(long rows, long tokens) => 0;
}
