using SqueezeBert.Models;

namespace SqueezeBert.Training.Engine.Operations;

/// <summary>Mean or maximum over the tokens of a text; of equal maxima the first token gets the gradient.</summary>
internal sealed unsafe class PoolOperation(PoolNode node) : Operation(node)
{
    public override int Units(Step step) => step.TextCount;

    public override void Forward(Step step, int first, int count, int worker)
    {
        for (var text = first; text < first + count; text++)
        {
            var target = Output.DataRow(text);
            var (start, end) = (step.TextStarts[text], step.TextStarts[text + 1]);
            for (var channel = 0; channel < node.Width; channel++)
            {
                if (node.Kind == PoolKind.Max)
                {
                    target[channel] = Inputs[0].DataRow(Largest(start, end, channel))[channel];
                    continue;
                }

                float sum = 0;
                for (var row = start; row < end; row++) sum += Inputs[0].DataRow(row)[channel];
                target[channel] = sum / (end - start);
            }
        }
    }

    public override void Backward(Step step, int first, int count, int worker)
    {
        for (var text = first; text < first + count; text++)
        {
            var source = Output.GradientRow(text);
            var (start, end) = (step.TextStarts[text], step.TextStarts[text + 1]);
            for (var channel = 0; channel < node.Width; channel++)
            {
                var largest = node.Kind == PoolKind.Max ? Largest(start, end, channel) : -1;
                for (var row = start; row < end; row++)
                {
                    var part = node.Kind == PoolKind.Mean ? source[channel] / (end - start) : row == largest ? source[channel] : 0;
                    var target = Inputs[0].GradientRow(row) + channel;
                    *target = Accumulate[0] ? *target + part : part;
                }
            }
        }
    }

    private int Largest(int start, int end, int channel)
    {
        var best = start;
        for (var row = start + 1; row < end; row++)
        {
            if (Inputs[0].DataRow(row)[channel] > Inputs[0].DataRow(best)[channel]) best = row;
        }

        return best;
    }
}
