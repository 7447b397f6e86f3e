using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Backward;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Gradients.Operations;

/// <summary>
/// LayerNorm, y = x̂ w + b with x̂ = (x - mean) / deviation: dx = (g - mean(g) - x̂ mean(g x̂)) / deviation for g = dy w; dw = Σ dy x̂, db
/// = Σ dy. NoNorm, y = x w + b: dx = dy w, dw = Σ dy x, db = Σ dy. The sums over the rows are taken with the gradient of the input, block
/// by block, while a block is in the cache; then those of the blocks are added in order.
/// </summary>
internal sealed unsafe class NormOperation : Operation
{
    private readonly NormNode _node;
    private readonly float* _weight;
    private readonly float* _bias;
    private readonly float* _weightGradient;
    private readonly float* _biasGradient;
    private float* _mean;
    private float* _inverseDeviation;
    private float* _blockSums;

    public NormOperation(NormNode node, ParameterStore parameters)
        : base(node)
    {
        _node = node;
        _weight = parameters.Values(node.Weight);
        _bias = parameters.Values(node.Bias);
        _weightGradient = parameters.Gradients(node.Weight);
        _biasGradient = parameters.Gradients(node.Bias);
    }

    public override int ParameterParts => 1;

    private bool IsLayerNorm => _node.Kind == NormKind.LayerNorm;

    public override void Prepare(Step step)
    {
        _mean = step.Arena.Floats(step.RowCount(_node.Rows));
        _inverseDeviation = step.Arena.Floats(step.RowCount(_node.Rows));
        _blockSums = step.Arena.Floats(2L * _node.Width * ((step.RowCount(_node.Rows) / Step.RowBlock) + 1));
    }

    public override void Forward(Step step, int first, int count, int worker)
    {
        var x = new Matrix(Inputs[0].DataRow(first), count, _node.Width);
        var y = new Matrix(Output.DataRow(first), count, _node.Width);
        if (IsLayerNorm) LayerNorm.Forward(x, _weight, _bias, _node.Epsilon, y, _mean + first, _inverseDeviation + first);
        else NoNorm.Forward(x, _weight, _bias, y);
    }

    public override void Backward(Step step, int first, int count, int worker)
    {
        var width = _node.Width;
        var x = new Matrix(Inputs[0].DataRow(first), count, width);
        var gradient = new Matrix(Output.GradientRow(first), count, width);
        var target = new Matrix(Inputs[0].GradientRow(first), count, width);
        var sums = BlockSums(first / Step.RowBlock);
        new Span<float>(sums, 2 * width).Clear();
        if (IsLayerNorm) NormBackward.LayerNorm(x, gradient, _weight, _mean + first, _inverseDeviation + first, target, Accumulate[0], sums,
            sums + width);
        else NormBackward.NoNorm(x, gradient, _weight, target, Accumulate[0], sums, sums + width);
    }

    public override void ParameterGradient(Step step, int part)
    {
        var blocks = (step.RowCount(_node.Rows) + Step.RowBlock - 1) / Step.RowBlock;
        for (var block = 0; block < blocks; block++)
        {
            Elementwise.Add(_weightGradient, BlockSums(block), _weightGradient, _node.Width);
            Elementwise.Add(_biasGradient, BlockSums(block) + _node.Width, _biasGradient, _node.Width);
        }
    }

    private float* BlockSums(int block) => _blockSums + (2L * block * _node.Width);
}
