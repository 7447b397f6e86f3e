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

    public override int Units(Step step) => step.TextCount;

    public override int ParameterParts => _parts.Length;

    public override void Prepare(Step step)
    {
        if (Accumulate[0]) _scratch = step.Arena.Floats((long)step.TokenCount * node.Width);
    }

    public override void Forward(Step step, int first, int count, int worker)
    {
        for (var text = first; text < first + count; text++)
        {
            var start = step.TextStarts[text];
            var length = step.TextStarts[text + 1] - start;
            foreach (var branch in _branches)
            {
                DepthwiseConvolution.Forward(
                    new(Inputs[0].DataRow(start) + branch.Start, node.Width, length, branch.Channels), step.Positions + start,
                    parameters.Values(branch.Weight), parameters.Values(branch.Bias),
                    new(Output.DataRow(start) + branch.Start, node.Width, length, branch.Channels), branch.KernelSize);
            }
        }
    }

    public override void Backward(Step step, int first, int count, int worker)
    {
        for (var text = first; text < first + count; text++)
        {
            var start = step.TextStarts[text];
            var length = step.TextStarts[text + 1] - start;
            var target = Accumulate[0] ? _scratch + ((long)start * node.Width) : Inputs[0].GradientRow(start);
            foreach (var branch in _branches)
            {
                DepthwiseConvolution.Backward(
                    new(Inputs[0].DataRow(start) + branch.Start, node.Width, length, branch.Channels), step.Positions + start,
                    parameters.Values(branch.Weight),
                    new(Output.GradientRow(start) + branch.Start, node.Width, length, branch.Channels),
                    new(target + branch.Start, node.Width, length, branch.Channels), null, null, branch.KernelSize);
            }

            if (Accumulate[0])
                Elementwise.Add(target, Inputs[0].GradientRow(start), Inputs[0].GradientRow(start), (nint)length * node.Width);
        }
    }

    public override void ParameterGradient(Step step, int part)
    {
        var (branch, channel, count) = _parts[part];
        var kernel = branch.KernelSize;
        for (var text = 0; text < step.TextCount; text++)
        {
            var start = step.TextStarts[text];
            var length = step.TextStarts[text + 1] - start;
            DepthwiseConvolution.Backward(
                new(Inputs[0].DataRow(start) + branch.Start + channel, node.Width, length, count), step.Positions + start,
                parameters.Values(branch.Weight) + (channel * kernel),
                new(Output.GradientRow(start) + branch.Start + channel, node.Width, length, count), default,
                parameters.Gradients(branch.Weight) + (channel * kernel), parameters.Gradients(branch.Bias) + channel, kernel);
        }
    }

    private static IEnumerable<(ConvolutionBranch Branch, int Channel, int Count)> Split(ConvolutionBranch branch)
    {
        for (var channel = 0; channel < branch.Channels; channel += ChannelChunk)
            yield return (branch, channel, Math.Min(ChannelChunk, branch.Channels - channel));
    }
}
