using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.RowWise;
using SqueezeBert.Kernels.SequenceWise;

namespace SqueezeBert.Gradients.Operations;

/// <summary>
/// Depthwise convolution along each text. A unit is one text. The gradients of the filters are summed over the texts in order, by ranges of
/// channels.
/// </summary>
internal sealed unsafe class DepthwiseConvolutionOperation : Operation
{
    private const int ChannelChunk = 64;

    private readonly ParameterStore _parameters;
    private readonly ConvolutionBranch[] _branches;
    private readonly (ConvolutionBranch Branch, int Channel, int Count)[] _parts;
    private float* _scratch;

    public DepthwiseConvolutionOperation(DepthwiseConvolutionNode node, ParameterStore parameters)
        : base(node, parameters)
    {
        _parameters = parameters;
        _branches = [.. node.Branches];
        _parts = [.. node.Branches.SelectMany(Split)];
    }

    public override int Units(BatchState state) => state.TextCount;

    public override int ParameterParts => _parts.Length;

    public override void Prepare(BatchState state)
    {
        if (Accumulate[0] && Inputs[0].NeedsGradient) _scratch = state.Arena.Floats((long)state.TokenCount * Node.Width);
    }

    public override void Forward(BatchState state, int first, int count, int worker)
    {
        for (var text = first; text < first + count; text++)
        {
            var start = state.TextStarts[text];
            var length = state.TextStarts[text + 1] - start;
            foreach (var branch in _branches)
            {
                DepthwiseConvolution.Forward(
                    new(Inputs[0].DataRow(start) + branch.Start, Node.Width, length, branch.Channels), state.Positions + start,
                    _parameters.Values(branch.Weight), _parameters.Values(branch.Bias),
                    new(Output.DataRow(start) + branch.Start, Node.Width, length, branch.Channels), branch.KernelSize);
            }
        }
    }

    public override void Backward(BatchState state, int first, int count, int worker)
    {
        for (var text = first; text < first + count; text++)
        {
            var start = state.TextStarts[text];
            var length = state.TextStarts[text + 1] - start;
            var target = Accumulate[0] ? _scratch + ((long)start * Node.Width) : Inputs[0].GradientRow(start);
            foreach (var branch in _branches)
            {
                DepthwiseConvolution.Backward(
                    new(Inputs[0].DataRow(start) + branch.Start, Node.Width, length, branch.Channels), state.Positions + start,
                    _parameters.Values(branch.Weight),
                    new(Output.GradientRow(start) + branch.Start, Node.Width, length, branch.Channels),
                    new(target + branch.Start, Node.Width, length, branch.Channels), null, null, branch.KernelSize);
            }

            if (Accumulate[0])
                Elementwise.Add(target, Inputs[0].GradientRow(start), Inputs[0].GradientRow(start), (nint)length * Node.Width);
        }
    }

    public override void ParameterGradient(BatchState state, int part)
    {
        var (branch, channel, count) = _parts[part];
        var kernel = branch.KernelSize;
        var weight = _parameters.Gradients(branch.Weight);
        var bias = _parameters.Gradients(branch.Bias);
        if (weight is not null) weight += channel * kernel;
        if (bias is not null) bias += channel;
        if (weight is null && bias is null) return;
        for (var text = 0; text < state.TextCount; text++)
        {
            var start = state.TextStarts[text];
            var length = state.TextStarts[text + 1] - start;
            DepthwiseConvolution.Backward(
                new(Inputs[0].DataRow(start) + branch.Start + channel, Node.Width, length, count), state.Positions + start,
                _parameters.Values(branch.Weight) + (channel * kernel),
                new(Output.GradientRow(start) + branch.Start + channel, Node.Width, length, count), default, weight, bias, kernel);
        }
    }

    private static IEnumerable<(ConvolutionBranch Branch, int Channel, int Count)> Split(ConvolutionBranch branch)
    {
        for (var channel = 0; channel < branch.Channels; channel += ChannelChunk)
            yield return (branch, channel, Math.Min(ChannelChunk, branch.Channels - channel));
    }
}
