using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.SequenceWise;

namespace SqueezeBert.Inference.Steps;

/// <summary>Depthwise convolution along each text; a part is one text and branch.</summary>
internal sealed unsafe class DepthwiseConvolutionStep : SequenceStep
{
    private readonly (ConvolutionBranch Branch, nint Weight, nint Bias)[] _branches;
    private readonly long _work;

    public DepthwiseConvolutionStep(PlanValue output, PlanValue input, DepthwiseConvolutionNode node, PackedWeights weights)
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
        DepthwiseConvolution.Forward(
            execution.Pointer(Inputs[0], start, worker) + branch.Start,
            Inputs[0].Width,
            execution.Ids(EmbeddingIndex.Position) + start,
            execution.TextStart(text + 1) - start,
            (float*)weight,
            (float*)bias,
            execution.Pointer(Output, start, worker) + branch.Start,
            Output.Width,
            branch.Channels,
            branch.KernelSize);
    }
}

/// <summary>Mean or maximum over each text's tokens, in the order of the tokens.</summary>
internal sealed unsafe class PoolStep(PlanValue output, PlanValue input, PoolKind kind) : SequenceStep(output, input)
{
    public override int Parts(Execution execution) => execution.TextCount;

    public override long Work(Execution execution) => (long)execution.RowCount(Inputs[0]) * Output.Width;

    public override void Execute(Execution execution, int part, int worker)
    {
        var target = new Span<float>(execution.Pointer(Output, part, worker), Output.Width);
        var (start, end) = (execution.TextStart(part), execution.TextStart(part + 1));
        new ReadOnlySpan<float>(execution.Pointer(Inputs[0], start, worker), target.Length).CopyTo(target);
        for (var row = start + 1; row < end; row++)
        {
            var source = new ReadOnlySpan<float>(execution.Pointer(Inputs[0], row, worker), target.Length);
            if (kind == PoolKind.Mean)
            {
                for (var i = 0; i < target.Length; i++) target[i] += source[i];
            }
            else
            {
                for (var i = 0; i < target.Length; i++) target[i] = MathF.Max(target[i], source[i]);
            }
        }

        if (kind != PoolKind.Mean) return;
        for (var i = 0; i < target.Length; i++) target[i] /= end - start;
    }
}
