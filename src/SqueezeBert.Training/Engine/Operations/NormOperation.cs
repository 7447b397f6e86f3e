using SqueezeBert.Kernels;
using SqueezeBert.Models;

namespace SqueezeBert.Training.Engine.Operations;

/// <summary>
/// LayerNorm, y = x̂ w + b with x̂ = (x - mean) / deviation: dx = (g - mean(g) - x̂ mean(g x̂)) / deviation for g = dy w; dw = Σ dy x̂, db = Σ dy.
/// NoNorm, y = x w + b: dx = dy w, dw = Σ dy x, db = Σ dy.
/// </summary>
internal sealed unsafe class NormOperation : Operation
{
    private const int ChannelChunk = 64;

    private readonly NormNode _node;
    private readonly float* _weight;
    private readonly float* _bias;
    private readonly float* _weightGradient;
    private readonly float* _biasGradient;
    private float* _mean;
    private float* _inverseDeviation;

    public NormOperation(NormNode node, ParameterStore parameters)
        : base(node)
    {
        _node = node;
        _weight = parameters.Values(node.Weight);
        _bias = parameters.Values(node.Bias);
        _weightGradient = parameters.Gradients(node.Weight);
        _biasGradient = parameters.Gradients(node.Bias);
    }

    public override int ParameterParts => (_node.Width + ChannelChunk - 1) / ChannelChunk;

    private bool IsLayerNorm => _node.Kind == NormKind.LayerNorm;

    public override void Prepare(Step step)
    {
        _mean = step.Arena.Floats(step.RowCount(_node.Rows));
        _inverseDeviation = step.Arena.Floats(step.RowCount(_node.Rows));
    }

    public override void Forward(Step step, int first, int count, int worker)
    {
        var x = Inputs[0].DataRow(first);
        var y = Output.DataRow(first);
        var width = _node.Width;
        if (IsLayerNorm) LayerNorm.Forward(x, width, _weight, _bias, _node.Epsilon, y, width, count, width, _mean + first, _inverseDeviation + first);
        else NoNorm.Forward(x, width, _weight, _bias, y, width, count, width);
    }

    public override void Backward(Step step, int first, int count, int worker)
    {
        var width = _node.Width;
        for (var row = first; row < first + count; row++)
        {
            var gradient = Output.GradientRow(row);
            var target = Inputs[0].GradientRow(row);
            if (IsLayerNorm) NormMath.LayerNormBackward(Inputs[0].DataRow(row), gradient, _weight, target, width, _mean[row], _inverseDeviation[row], Accumulate[0]);
            else NormMath.NoNormBackward(gradient, _weight, target, width, Accumulate[0]);
        }
    }

    public override void ParameterGradient(Step step, int part)
    {
        var channel = part * ChannelChunk;
        var channels = Math.Min(ChannelChunk, _node.Width - channel);
        for (var row = 0; row < step.RowCount(_node.Rows); row++)
        {
            NormMath.AddParameterGradient(
                Inputs[0].DataRow(row) + channel, Output.GradientRow(row) + channel, IsLayerNorm ? _mean[row] : 0, IsLayerNorm ? _inverseDeviation[row] : 1,
                _weightGradient + channel, _biasGradient + channel, channels);
        }
    }
}
