using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Nodes;

/// <summary>Sets elements to zero with a probability and scales the others by 1 / (1 - probability), in training only.</summary>
/// <param name="input">Value.</param>
/// <param name="probability">The probability, from 0 to below 1.</param>
/// <param name="site">
/// The number of the dropout in its graph. Together with step, example and position, it determines the random numbers.
/// </param>
internal sealed class DropoutNode(Node input, float probability, int site) : RowWiseNode(input.Width, input.Rows, input)
{
    public float Probability { get; } = probability;

    public int Site { get; } = site;

    public override IReadOnlyList<ParameterExpression> Expressions => [];

    public override int DropoutSite => Site;

    public override Node WithInputs(IReadOnlyList<Node> inputs) => new DropoutNode(inputs[0], Probability, Site);

    public override long Flops(long rows, long tokens) => 0;
}
