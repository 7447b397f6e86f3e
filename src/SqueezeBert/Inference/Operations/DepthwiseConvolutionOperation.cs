using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.SequenceWise;

namespace SqueezeBert.Inference.Operations;

/// <summary>Depthwise convolution along each text; a part is one text and branch.</summary>
internal sealed unsafe class DepthwiseConvolutionOperation : SequenceOperation
{
    private readonly (ConvolutionBranch Branch, nint Weight, nint Bias)[] _branches;
    private readonly long _work;

    public DepthwiseConvolutionOperation(PlanValue output, PlanValue input, DepthwiseConvolutionNode node, PackedWeights weights)
        : base(output, input)
    {
        _branches = [.. node.Branches.Select(branch => (branch, (nint)weights.Buffer(branch.Weight), (nint)weights.Buffer(branch.Bias)))];
        _work = node.Branches.Sum(branch => (long)branch.Channels * branch.KernelSize);
    }

    public override int Parts(Execution execution) => execution.TextCount * _branches.Length;

    public override long Work(Execution execution) => (long)execution.RowCount(Output) * _work;

    public override void Execute(Execution execution, int part, int worker)
    {
        var text = part / _branches.Length;
        var (branch, weight, bias) = _branches[part % _branches.Length];
        var start = execution.TextStart(text);
        var tokens = execution.TextStart(text + 1) - start;
        DepthwiseConvolution.Forward(
            execution.Block(Inputs[0], start, tokens, worker).TakeColumns(branch.Start, branch.Channels),
            execution.Ids(EmbeddingIndex.Position) + start,
            (float*)weight,
            (float*)bias,
            execution.Block(Output, start, tokens, worker).TakeColumns(branch.Start, branch.Channels),
            branch.KernelSize);
    }
}
