using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Nodes;

internal enum PoolKind
{
    Mean,
    Max,
}

/// <summary>Mean or maximum over the tokens of each text.</summary>
internal sealed class PoolNode(Node input, PoolKind kind) : SequenceWiseNode(input.Width, RowSet.Texts, input)
{
    public PoolKind Kind { get; } = kind;

    public override IReadOnlyList<ParameterExpression> Expressions => [];

    public override Node WithInputs(IReadOnlyList<Node> inputs) => new PoolNode(inputs[0], Kind);

    public override long Flops(long rows, long tokens) => 0;
}
