using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.RowWise;
using SqueezeBert.Kernels.SequenceWise;

namespace SqueezeBert.Gradients.Operations;

/// <summary>
/// Depthwise convolution along each text; a unit is a text. The filters' gradients are summed over the texts in order, by ranges of
/// channels.
/// </summary>
internal sealed unsafe class DepthwiseConvolutionOperation(DepthwiseConvolutionNode node, ParameterStore parameters) : Operation(node)
{
    private const int ChannelChunk = 64;

    private readonly ConvolutionBranch[] _branches = [.. node.Branches];
    private readonly (ConvolutionBranch Branch, int Channel, int Count)[] _parts = [.. node.Branches.SelectMany(Split)];
    private float* _scratch;

    public override int Units(BatchState state) => state.TextCount;

    public override int ParameterParts => _parts.Length;

    public override void Prepare(BatchState state)
    {
        if (Accumulate[0]) _scratch = state.Arena.Floats((long)state.TokenCount * node.Width);
    }

    public override void Forward(BatchState state, int first, int count, int worker)
    {
        for (var text = first; text < first + count; text++)
        {
            var start = state.TextStarts[text];
            foreach (var branch in _branches)
            {
                DepthwiseConvolution.Forward(
                    Inputs[0].DataRow(start) + branch.Start, node.Width, state.Positions + start, state.TextStarts[text + 1] - start,
                    parameters.Values(branch.Weight),
                    parameters.Values(branch.Bias), Output.DataRow(start) + branch.Start, node.Width, branch.Channels, branch.KernelSize);
            }
        }
    }

    public override void Backward(BatchState state, int first, int count, int worker)
    {
        for (var text = first; text < first + count; text++)
        {
            var start = state.TextStarts[text];
            var length = state.TextStarts[text + 1] - start;
            var target = Accumulate[0] ? _scratch + ((long)start * node.Width) : Inputs[0].GradientRow(start);
            foreach (var branch in _branches)
            {
                DepthwiseConvolution.Backward(
                    Inputs[0].DataRow(start) + branch.Start, node.Width, state.Positions + start, length, parameters.Values(branch.Weight),
                    Output.GradientRow(start) + branch.Start, node.Width, target + branch.Start, node.Width, null, null, branch.Channels,
                    branch.KernelSize);
            }

            if (Accumulate[0])
                Elementwise.Add(target, Inputs[0].GradientRow(start), Inputs[0].GradientRow(start), (nint)length * node.Width);
        }
    }

    public override void ParameterGradient(BatchState state, int part)
    {
        var (branch, channel, count) = _parts[part];
        var kernel = branch.KernelSize;
        for (var text = 0; text < state.TextCount; text++)
        {
            var start = state.TextStarts[text];
            DepthwiseConvolution.Backward(
                Inputs[0].DataRow(start) + branch.Start + channel, node.Width, state.Positions + start, state.TextStarts[text + 1] - start,
                parameters.Values(branch.Weight) + (channel * kernel), Output.GradientRow(start) + branch.Start + channel,
                node.Width, null, 0,
                parameters.Gradients(branch.Weight) + (channel * kernel), parameters.Gradients(branch.Bias) + channel, count, kernel);
        }
    }

    private static IEnumerable<(ConvolutionBranch Branch, int Channel, int Count)> Split(ConvolutionBranch branch)
    {
        for (var channel = 0; channel < branch.Channels; channel += ChannelChunk)
            yield return (branch, channel, Math.Min(ChannelChunk, branch.Channels - channel));
    }
}
