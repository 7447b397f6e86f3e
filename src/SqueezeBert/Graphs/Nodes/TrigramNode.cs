using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Nodes;

/// <summary>
/// The concatenation [next | current | previous] of the rows of a text, with zeros outside of it (MobileBERT, section 3.4 of arXiv
/// 2004.02984).
/// </summary>
internal sealed class TrigramNode(Node input) : SequenceWiseNode(3 * input.Width, input.Rows, input)
{
    public override IReadOnlyList<ParameterExpression> Expressions => [];

    public override Node WithInputs(IReadOnlyList<Node> inputs) => new TrigramNode(inputs[0]);

    public override long Flops(long rows, long tokens) => 0;
}
