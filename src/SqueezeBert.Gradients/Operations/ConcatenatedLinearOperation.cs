using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Gradients.Operations;

/// <summary>
/// A linear layer whose weight is several parameters side by side, some of them stored transposed (MobileBERT's decoder): y = Σ xₚ Wₚᵀ + b,
/// xₚ being the inputs that parameter p sees. Backward as in <see cref="LinearOperation"/>, parameter by parameter.
/// </summary>
internal sealed unsafe class ConcatenatedLinearOperation : Operation, IDisposable
{
    /// <summary>Output channels of a part of the gradients.</summary>
    private const int ChannelChunk = 64;

    private readonly Part[] _parts;
    private readonly PackedMatrix _forward;
    private readonly float* _bias;
    private readonly float* _biasGradient;

    public ConcatenatedLinearOperation(LinearNode node, ConcatenatedColumns weight, ParameterStore parameters)
        : base(node)
    {
        _forward = new PackedMatrix(weight.Columns, weight.Rows);
        _parts = new Part[weight.Parts.Count];
        var first = 0;
        for (var i = 0; i < _parts.Length; i++)
        {
            _parts[i] = new Part(weight.Parts[i].Parameter, weight.Parts[i].Transposed, first, parameters);
            first += _parts[i].Inputs;
        }

        if (node.Bias is not Parameter bias) return;
        _bias = parameters.Values(bias);
        _biasGradient = parameters.Gradients(bias);
    }

    public override int ParameterParts => (Node.Width + ChannelChunk - 1) / ChannelChunk;

    public override int PackParts => _forward.PanelCount + _parts.Length;

    public override void Pack(int part)
    {
        if (part >= _forward.PanelCount)
        {
            _parts[part - _forward.PanelCount].PackBackward();
            return;
        }

        foreach (var source in _parts) source.PackForward(_forward, part);
    }

    public override void Forward(Step step, int first, int count, int worker) => MatrixMultiply.Packed(
        new(Inputs[0].DataRow(first), count, Inputs[0].Width), _forward, new(Output.DataRow(first), count, Output.Width),
        new Epilogue { Bias = _bias });

    public override void Backward(Step step, int first, int count, int worker)
    {
        foreach (var part in _parts)
        {
            var target = new Matrix(Inputs[0].GradientRow(first) + part.First, Inputs[0].Width, count, part.Inputs);
            MatrixMultiply.Packed(
                new(Output.GradientRow(first), count, Output.Width), part.Backward, target,
                new Epilogue { Residual = Accumulate[0] ? target : default });
        }
    }

    public override void ParameterGradient(Step step, int part)
    {
        var x = Inputs[0];
        var channel = part * ChannelChunk;
        var channels = Math.Min(ChannelChunk, Output.Width - channel);
        var rows = step.RowCount(Node.Rows);
        var gradient = new Matrix(Output.Gradient + channel, Output.Width, rows, channels);
        foreach (var source in _parts) source.AddGradient(gradient, new(x.Data + source.First, x.Width, rows, source.Inputs), channel);
        if (_biasGradient is not null) Elementwise.AddColumnSums(gradient, _biasGradient + channel);
    }

    public void Dispose()
    {
        _forward.Dispose();
        foreach (var part in _parts) part.Backward.Dispose();
    }

    /// <summary>A parameter and the inputs that it sees: [outputs, inputs] or, transposed, [inputs, outputs].</summary>
    private sealed class Part
    {
        private readonly float* _values;
        private readonly float* _gradients;
        private readonly bool _isTransposed;
        private readonly int _columns;

        public Part(Parameter parameter, bool isTransposed, int first, ParameterStore parameters)
        {
            _values = parameters.Values(parameter);
            _gradients = parameters.Gradients(parameter);
            _isTransposed = isTransposed;
            _columns = parameter.Columns;
            First = first;
            Inputs = isTransposed ? parameter.Rows : parameter.Columns;
            Backward = new PackedMatrix(isTransposed ? parameter.Columns : parameter.Rows, Inputs);
        }

        public int First { get; }

        public int Inputs { get; }

        /// <summary>[outputs, inputs].</summary>
        public PackedMatrix Backward { get; }

        public void PackForward(PackedMatrix target, int panel)
        {
            var (column, count) = target.ColumnRange(panel);
            var width = target.PanelVectors(panel) * PackedMatrix.Lanes;
            var (kStride, nStride) = _isTransposed ? (_columns, 1) : (1, _columns);
            Packing.PackPanel(_values + ((long)column * nStride), kStride, nStride, Inputs, count,
                target.Panel(panel) + ((long)First * width), width);
        }

        public void PackBackward() => Backward.Pack(_values, _isTransposed ? 1 : _columns, _isTransposed ? _columns : 1);

        public void AddGradient(Matrix gradient, Matrix x, int channel)
        {
            var channels = gradient.Columns;
            if (_isTransposed)
                MatrixMultiply.AddTransposed(x, gradient, new(_gradients + channel, _columns, Inputs, channels), null);
            else
                MatrixMultiply.AddTransposed(gradient, x, new(_gradients + ((long)channel * _columns), _columns, channels, Inputs), null);
        }
    }
}
