using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Nodes;

/// <summary>Channels [Start, Start + Width) of each row.</summary>
internal sealed class ColumnsNode : RowWiseNode
{
    public ColumnsNode(Node input, int start, int count)
        : base(count, input.Rows, input)
    {
        if (start < 0 || count <= 0 || start + count > input.Width)
            throw new InvalidOperationException($"a value of {input.Width} channels has no {count} channels from {start} on");
        Start = start;
    }

    public int Start { get; }

    public override IReadOnlyList<ParameterExpression> Expressions => [];

    public override Node WithInputs(IReadOnlyList<Node> inputs) => new ColumnsNode(inputs[0], Start, Width);

    public override long Flops(long rows, long tokens) => 0;
}
