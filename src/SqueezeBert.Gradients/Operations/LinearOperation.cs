using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Products;

namespace SqueezeBert.Gradients.Operations;

/// <summary>
/// y = x Wᵀ + b within each group. Backward: dx = dy W, dW = dyᵀ x, db = Σ dy over the rows.
/// </summary>
internal sealed unsafe class LinearOperation : Operation, IDisposable
{
    /// <summary>Output channels of a part of the weight's gradient. A part copies the batch's inputs, so it must not be small.</summary>
    private const int WideChunk = 128, NarrowChunk = 64;

    /// <summary>Panels of a part of packing.</summary>
    private const int PackChunk = 8;

    private readonly int _groups;
    private readonly int _inputs;
    private readonly int _outputs;
    private readonly int _chunk;
    private readonly int _chunks;
    private readonly float* _weight;
    private readonly float* _weightGradient;
    private readonly float* _bias;
    private readonly float* _biasGradient;
    private readonly PackedMatrix[] _forward;
    private readonly PackedMatrix[] _backward;
    private readonly int _forwardPackParts;
    private readonly int _backwardPackParts;

    public LinearOperation(LinearNode node, ParameterStore parameters)
        : base(node)
    {
        var weight = (Parameter)node.Weight;
        _groups = node.Groups;
        _inputs = weight.Columns;
        _outputs = node.Width / _groups;
        _chunk = _inputs < WideChunk ? WideChunk : NarrowChunk;
        _chunks = (_outputs + _chunk - 1) / _chunk;
        _weight = parameters.Values(weight);
        _weightGradient = parameters.Gradients(weight);
        if (node.Bias is Parameter bias)
        {
            _bias = parameters.Values(bias);
            _biasGradient = parameters.Gradients(bias);
        }

        _forward = new PackedMatrix[_groups];
        _backward = new PackedMatrix[_groups];
        for (var group = 0; group < _groups; group++)
        {
            _forward[group] = new PackedMatrix(_inputs, _outputs);
            _backward[group] = new PackedMatrix(_outputs, _inputs);
        }

        _forwardPackParts = (_forward[0].PanelCount + PackChunk - 1) / PackChunk;
        _backwardPackParts = (_backward[0].PanelCount + PackChunk - 1) / PackChunk;
    }

    public override int ParameterParts => _groups * _chunks;

    public override int PackParts => _groups * (_forwardPackParts + _backwardPackParts);

    public override void Pack(int part)
    {
        var group = part % _groups;
        var weight = _weight + ((long)group * _outputs * _inputs);
        part /= _groups;
        if (part < _forwardPackParts) _forward[group].PackColumns(weight, 1, _inputs, part * PackChunk, Panels(_forward[group], part));
        else _backward[group].PackColumns(weight, _inputs, 1, (part - _forwardPackParts) * PackChunk,
            Panels(_backward[group], part - _forwardPackParts));
    }

    public override void Forward(Step step, int first, int count, int worker)
    {
        var x = Inputs[0];
        for (var group = 0; group < _groups; group++)
        {
            MatrixMultiply.Packed(
                new(x.DataRow(first) + (group * _inputs), x.Width, count, _inputs), _forward[group],
                new(Output.DataRow(first) + (group * _outputs), Output.Width, count, _outputs),
                new Epilogue { Bias = _bias is null ? null : _bias + (group * _outputs) });
        }
    }

    public override void Backward(Step step, int first, int count, int worker)
    {
        var x = Inputs[0];
        for (var group = 0; group < _groups; group++)
        {
            var target = new Matrix(x.GradientRow(first) + (group * _inputs), x.Width, count, _inputs);
            MatrixMultiply.Packed(
                new(Output.GradientRow(first) + (group * _outputs), Output.Width, count, _outputs), _backward[group], target,
                new Epilogue { Residual = Accumulate[0] ? target : default });
        }
    }

    public override void ParameterGradient(Step step, int part)
    {
        var x = Inputs[0];
        var group = part / _chunks;
        var start = part % _chunks * _chunk;
        var channel = (group * _outputs) + start;
        var (rows, channels) = (step.RowCount(Node.Rows), Math.Min(_chunk, _outputs - start));
        MatrixMultiply.AddTransposed(
            new(Output.Gradient + channel, Output.Width, rows, channels), new(x.Data + (group * _inputs), x.Width, rows, _inputs),
            new(_weightGradient + ((long)channel * _inputs), channels, _inputs), _biasGradient is null ? null : _biasGradient + channel);
    }

    public void Dispose()
    {
        foreach (var matrix in _forward) matrix.Dispose();
        foreach (var matrix in _backward) matrix.Dispose();
    }

    private static int Panels(PackedMatrix matrix, int part) => Math.Min(PackChunk, matrix.PanelCount - (part * PackChunk));
}
