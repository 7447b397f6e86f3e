using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Gradients.Operations;

/// <summary>
/// y = x Wᵀ + b within each group. W consists of one block or several blocks side by side, each of which reads its own inputs. Backward: dx
/// = dy W, dW = dyᵀ x, db = Σ dy over the rows.
/// </summary>
internal sealed unsafe class LinearOperation : Operation, IDisposable
{
    /// <summary>
    /// The largest number of output channels of a part of the weight's gradient. A part copies the inputs of the batch, so it must not be
    /// small. It must not be large either, or threads wait for the one with the last part: with many inputs it has fewer channels.
    /// </summary>
    private const int WideChunk = TransposedProduct.CopiedRows, NarrowChunk = 128;

    /// <summary>The number of inputs up to which a part has the greater number of channels.</summary>
    private const int FewInputs = 512;

    /// <summary>What the number of channels of a part is a multiple of: whole vectors.</summary>
    private const int ChunkStep = 16;

    /// <summary>The number of panels of a part of packing.</summary>
    private const int PackChunk = 8;

    private readonly int _groups;
    private readonly int _inputs;
    private readonly int _outputs;
    private readonly int _chunk;
    private readonly int _chunks;
    private readonly WeightBlock[] _blocks;
    private readonly BiasVector? _bias;
    private readonly PackedMatrix[] _forward;

    /// <summary>[group, block].</summary>
    private readonly PackedMatrix[,] _backward;
    private readonly int _forwardPackParts;
    private readonly int[] _backwardPackParts;

    public LinearOperation(LinearNode node, ParameterStore parameters)
        : base(node, parameters)
    {
        _groups = node.Groups;
        _inputs = node.Weight.Columns;
        _outputs = node.Width / _groups;
        var most = _inputs <= FewInputs ? WideChunk : NarrowChunk;
        _chunks = (_outputs + most - 1) / most;
        _chunk = (((_outputs + _chunks - 1) / _chunks) + ChunkStep - 1) / ChunkStep * ChunkStep;
        _blocks = WeightBlock.Of(node.Weight, parameters);
        _bias = node.Bias is null ? null : new BiasVector(node.Bias, parameters);
        _forward = new PackedMatrix[_groups];
        _backward = new PackedMatrix[_groups, _blocks.Length];
        for (var group = 0; group < _groups; group++)
        {
            _forward[group] = new PackedMatrix(_inputs, _outputs);
            for (var block = 0; block < _blocks.Length; block++)
                _backward[group, block] = new PackedMatrix(_outputs, _blocks[block].Columns);
        }

        _forwardPackParts = PackPartsOf(_forward[0]);
        _backwardPackParts = [.. Enumerable.Range(0, _blocks.Length).Select(block => PackPartsOf(_backward[0, block]))];
    }

    public override int ParameterParts => _groups * _chunks;

    public override int PackParts => _groups * (_forwardPackParts + _backwardPackParts.Sum());

    public override void Pack(int part)
    {
        if (part == 0) _bias?.Update();
        var group = part % _groups;
        part /= _groups;
        if (part < _forwardPackParts)
        {
            PackForward(group, part);
            return;
        }

        part -= _forwardPackParts;
        var block = 0;
        while (part >= _backwardPackParts[block]) part -= _backwardPackParts[block++];
        var source = _blocks[block];
        var target = _backward[group, block];
        target.PackColumns(source.Values + ((long)group * _outputs * source.RowStride), source.RowStride, source.ColumnStride,
            part * PackChunk, Panels(target, part));
    }

    public override void Forward(BatchState state, int first, int count, int worker)
    {
        var x = Inputs[0];
        for (var group = 0; group < _groups; group++)
        {
            MatrixMultiply.Packed(
                new(x.DataRow(first) + (group * _inputs), x.Width, count, _inputs), _forward[group],
                new(Output.DataRow(first) + (group * _outputs), Output.Width, count, _outputs),
                new Epilogue { Bias = _bias is null ? null : _bias.Values + (group * _outputs) });
        }
    }

    public override void Backward(BatchState state, int first, int count, int worker)
    {
        var x = Inputs[0];
        for (var group = 0; group < _groups; group++)
        {
            var gradient = new Matrix(Output.GradientRow(first) + (group * _outputs), Output.Width, count, _outputs);
            var inputs = new Matrix(x.GradientRow(first) + (group * _inputs), x.Width, count, _inputs);
            for (var block = 0; block < _blocks.Length; block++)
            {
                var target = inputs.TakeColumns(_blocks[block].FirstColumn, _blocks[block].Columns);
                MatrixMultiply.Packed(
                    gradient, _backward[group, block], target, new Epilogue { Residual = Accumulate[0] ? target : default });
            }
        }
    }

    public override void ParameterGradient(BatchState state, int part)
    {
        var x = Inputs[0];
        var group = part / _chunks;
        var start = part % _chunks * _chunk;
        var channel = (group * _outputs) + start;
        var channels = Math.Min(_chunk, _outputs - start);
        var rows = state.RowCount(Node.Rows);
        var gradient = new Matrix(Output.Gradient + channel, Output.Width, rows, channels);
        var inputs = new Matrix(x.Data + (group * _inputs), x.Width, rows, _inputs);
        var trainedBiases = _bias is null || _bias.Gradients is null ? 0 : Math.Clamp(_bias.TrainedCount - channel, 0, channels);
        var sums = trainedBiases == 0 ? null : _bias!.Gradients + channel;
        foreach (var block in _blocks)
        {
            if (block.Gradients is null) continue;
            var seen = inputs.TakeColumns(block.FirstColumn, block.Columns);
            if (block.IsTransposed)
            {
                MatrixMultiply.AddTransposed(seen, gradient, new(block.Gradients + channel, block.Stride, block.Columns, channels), null);
                continue;
            }

            // The first product that may sums the gradients up as it goes.
            var taken = trainedBiases == channels ? sums : null;
            MatrixMultiply.AddTransposed(
                gradient, seen, new(block.Gradients + ((long)channel * block.Stride), block.Stride, channels, block.Columns), taken);
            if (taken is not null) sums = null;
        }

        if (sums is not null) Elementwise.AddColumnSums(gradient.TakeColumns(0, trainedBiases), sums);
    }

    public void Dispose()
    {
        foreach (var matrix in _forward) matrix.Dispose();
        foreach (var matrix in _backward) matrix.Dispose();
        _bias?.Dispose();
    }

    private static int PackPartsOf(PackedMatrix matrix) => (matrix.PanelCount + PackChunk - 1) / PackChunk;

    private static int Panels(PackedMatrix matrix, int part) => Math.Min(PackChunk, matrix.PanelCount - (part * PackChunk));

    private void PackForward(int group, int part)
    {
        var target = _forward[group];
        var end = (part * PackChunk) + Panels(target, part);
        for (var panel = part * PackChunk; panel < end; panel++)
        {
            var (column, count) = target.ColumnRange(panel);
            var width = target.PanelVectors(panel) * PackedMatrix.Lanes;
            foreach (var block in _blocks)
            {
                Packing.PackPanel(
                    block.Values + (((long)group * _outputs) + column) * block.RowStride, block.ColumnStride, block.RowStride,
                    block.Columns, count, target.Panel(panel) + ((long)block.FirstColumn * width), width);
            }
        }
    }
}
