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
    private float* _unread;

    public NormOperation(NormNode node, ParameterStore parameters)
        : base(node, parameters)
    {
        _node = node;
        _weight = parameters.Values(node.Weight);
        _bias = parameters.Values(node.Bias);
        _weightGradient = parameters.Gradients(node.Weight);
        _biasGradient = parameters.Gradients(node.Bias);
    }

    public override int ParameterParts => 1;

    public override bool HasBackward => Inputs[0].NeedsGradient || IsTrained;

    private bool IsLayerNorm => _node.Kind == NormKind.LayerNorm;

    public override void Prepare(BatchState state)
    {
        _mean = state.Arena.Floats(state.RowCount(_node.Rows));
        _inverseDeviation = state.Arena.Floats(state.RowCount(_node.Rows));
        _blockSums = state.Arena.Floats(2L * _node.Width * ((state.RowCount(_node.Rows) / BatchState.RowBlock) + 1));

        // One kernel computes the gradients of input and parameters; where the first is not needed, nobody reads it.
        if (!Inputs[0].NeedsGradient) _unread = state.Arena.Floats((long)BatchState.RowBlock * _node.Width * state.Workers);
    }

    public override void Forward(BatchState state, int first, int count, int worker)
    {
        var x = new Matrix(Inputs[0].DataRow(first), count, _node.Width);
        var y = new Matrix(Output.DataRow(first), count, _node.Width);
        if (IsLayerNorm) LayerNorm.Forward(x, _weight, _bias, _node.Epsilon, y, _mean + first, _inverseDeviation + first);
        else NoNorm.Forward(x, _weight, _bias, y);
    }

    public override void Backward(BatchState state, int first, int count, int worker)
    {
        var width = _node.Width;
        var x = new Matrix(Inputs[0].DataRow(first), count, width);
        var gradient = new Matrix(Output.GradientRow(first), count, width);
        var target = new Matrix(
            Inputs[0].NeedsGradient ? Inputs[0].GradientRow(first) : _unread + ((long)worker * BatchState.RowBlock * width), count, width);
        var sums = BlockSums(first / BatchState.RowBlock);
        new Span<float>(sums, 2 * width).Clear();
        if (IsLayerNorm) NormBackward.LayerNorm(x, gradient, _weight, _mean + first, _inverseDeviation + first, target, Accumulate[0], sums,
            sums + width);
        else NormBackward.NoNorm(x, gradient, _weight, target, Accumulate[0], sums, sums + width);
    }

    public override void ParameterGradient(BatchState state, int part)
    {
        var blocks = (state.RowCount(_node.Rows) + BatchState.RowBlock - 1) / BatchState.RowBlock;
        for (var block = 0; block < blocks; block++)
        {
            var sums = BlockSums(block);
            if (_weightGradient is not null) Elementwise.Add(_weightGradient, sums, _weightGradient, _node.Width);
            if (_biasGradient is not null) Elementwise.Add(_biasGradient, sums + _node.Width, _biasGradient, _node.Width);
        }
    }

    private float* BlockSums(int block) => _blockSums + (2L * block * _node.Width);
}
