using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Nodes;

/// <summary>Zeroes elements with a probability and scales the others by 1 / (1 - probability); only in training.</summary>
/// <param name="input">Value.</param>
/// <param name="probability">0 up to, not including, 1.</param>
/// <param name="site">Number of the dropout in its graph; keys the random numbers together with step, example and position.</param>
internal sealed class DropoutNode(Node input, float probability, int site) : RowWiseNode(input.Width, input.Rows, input)
{
    public float Probability { get; } = probability;

    public int Site { get; } = site;

    public override IReadOnlyList<ParameterExpression> Expressions => [];

    public override int DropoutSite => Site;

    public override Node WithInputs(IReadOnlyList<Node> inputs) => new DropoutNode(inputs[0], Probability, Site);

    public override long Flops(long rows, long tokens) => 0;
}
