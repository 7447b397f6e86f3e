using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Nodes;

/// <summary>Channels [Start, Start + Weight.Rows) are convolved with a kernel of Weight.Columns taps each.</summary>
internal sealed record ConvolutionBranch(int Start, Parameter Weight, Parameter Bias)
{
    public int Channels => Weight.Rows;

    public int KernelSize => Weight.Columns;
}

/// <summary>Depthwise convolution along a text, with zeros outside of it. Neighbours are determined by position.</summary>
internal sealed class DepthwiseConvolutionNode : SequenceWiseNode
{
    public DepthwiseConvolutionNode(Node input, IReadOnlyList<ConvolutionBranch> branches)
        : base(input.Width, input.Rows, input)
    {
        foreach (var branch in branches)
        {
            if (branch.Start < 0 || branch.Start + branch.Channels > input.Width || branch.Bias.Length != branch.Channels)
                throw new InvalidOperationException($"a value of {input.Width} channels cannot be convolved by {branch}");
        }

        Branches = branches;
    }

    public IReadOnlyList<ConvolutionBranch> Branches { get; }

    public override IReadOnlyList<ParameterExpression> Expressions =>
        [.. Branches.SelectMany(branch => new[] { branch.Weight, branch.Bias })];

    public override Node WithInputs(IReadOnlyList<Node> inputs) => new DepthwiseConvolutionNode(inputs[0], Branches);

    public override long Flops(long rows, long tokens) => 2 * rows * Branches.Sum(branch => (long)branch.Channels * branch.KernelSize);
}
