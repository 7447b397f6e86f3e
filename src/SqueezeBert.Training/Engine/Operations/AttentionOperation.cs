using SqueezeBert.Kernels;
using SqueezeBert.Models;

namespace SqueezeBert.Training.Engine.Operations;

/// <summary>
/// softmax(scale Q Kᵀ) V for each text and head; a unit is one head of one text. The probabilities P are kept; the sign of a kept one says
/// whether dropout took it. Backward, with P' the probabilities after dropout: dV = P'ᵀ dO, dP = dropout(dO Vᵀ), dS = scale P (dP - rowsum(dP P)), dQ = dS K, dK = dSᵀ Q.
/// </summary>
internal sealed unsafe class AttentionOperation(AttentionNode node) : Operation(node)
{
    private readonly int _headWidth = node.Query.Width / node.Heads;
    private readonly int _valueWidth = node.Width / node.Heads;
    private readonly uint _threshold = DropoutKey.Threshold(node.Dropout);
    private readonly float _keepScale = 1 / (1 - node.Dropout);
    private float* _probabilities;
    private float* _scratch;
    private long _scratchSize;
    private long* _offsets;

    public override int Units(Step step) => step.TextCount * node.Heads;

    public override void Prepare(Step step)
    {
        _offsets = (long*)step.Arena.Floats(2L * (step.TextCount + 1));
        long total = 0;
        for (var text = 0; text < step.TextCount; text++)
        {
            _offsets[text] = total;
            long length = step.TextStarts[text + 1] - step.TextStarts[text];
            total += length * length * node.Heads;
        }

        _probabilities = step.Arena.Floats(total);
        long longest = step.MaxLength;
        _scratchSize = ((2 * longest * longest) + (longest * Math.Max(_headWidth, _valueWidth)) + 15) & ~15L;
        _scratch = step.Arena.Floats(_scratchSize * step.Workers);
    }

    public override void Forward(Step step, int first, int count, int worker)
    {
        for (var unit = first; unit < first + count; unit++) ForwardHead(step, unit / node.Heads, unit % node.Heads, _scratch + (worker * _scratchSize));
    }

    public override void Backward(Step step, int first, int count, int worker)
    {
        for (var unit = first; unit < first + count; unit++) BackwardHead(step, unit / node.Heads, unit % node.Heads, _scratch + (worker * _scratchSize));
    }

    private void ForwardHead(Step step, int text, int head, float* scratch)
    {
        var (query, key, value) = (Inputs[0], Inputs[1], Inputs[2]);
        var start = step.TextStarts[text];
        var length = step.TextStarts[text + 1] - start;
        var channel = head * _headWidth;
        var valueChannel = head * _valueWidth;
        var probabilities = _probabilities + _offsets[text] + ((long)head * length * length);

        MatrixMultiply.Transpose(key.DataRow(start) + channel, key.Width, scratch, length, length, _headWidth);
        MatrixMultiply.Strided(query.DataRow(start) + channel, query.Width, 1, scratch, length, probabilities, length, length, length, _headWidth, accumulate: false);
        Elementwise.Scale(node.Scale, probabilities, probabilities, (nint)length * length);
        Softmax.Forward(probabilities, length, length, length);
        var weights = probabilities;
        if (step.Dropout && node.Dropout > 0)
        {
            weights = scratch;
            var keys = step.RowKeys(RowSet.Tokens) + start;
            for (var row = 0; row < length; row++)
            {
                var rowKey = step.DropoutKey.Site(node.Site, keys[row], head);
                RowMath.MarkDropped(probabilities + ((long)row * length), weights + ((long)row * length), length, rowKey, _threshold, _keepScale);
            }
        }

        MatrixMultiply.Strided(
            weights, length, 1, value.DataRow(start) + valueChannel, value.Width, Output.DataRow(start) + valueChannel, Output.Width, length, _valueWidth, length, accumulate: false);
    }

    private void BackwardHead(Step step, int text, int head, float* scratch)
    {
        var (query, key, value) = (Inputs[0], Inputs[1], Inputs[2]);
        var start = step.TextStarts[text];
        var length = step.TextStarts[text + 1] - start;
        var channel = head * _headWidth;
        var valueChannel = head * _valueWidth;
        var square = (long)length * length;
        var probabilities = _probabilities + _offsets[text] + (head * square);
        var scores = scratch;
        var weights = scratch + square;
        var transposed = weights + square;
        var gradient = Output.GradientRow(start) + valueChannel;

        MatrixMultiply.Transpose(value.DataRow(start) + valueChannel, value.Width, transposed, length, length, _valueWidth);
        MatrixMultiply.Strided(gradient, Output.Width, 1, transposed, length, scores, length, length, length, _valueWidth, accumulate: false);
        var keepScale = step.Dropout && node.Dropout > 0 ? _keepScale : 1;
        for (var row = 0; row < length; row++)
        {
            var at = (long)row * length;
            RowMath.SoftmaxBackward(probabilities + at, scores + at, weights + at, length, keepScale, node.Scale);
        }

        // Last input first: two of them may be one value, and the plan lets the last one write and the others add.
        MatrixMultiply.Strided(
            weights, 1, length, gradient, Output.Width, value.GradientRow(start) + valueChannel, value.Width, length, _valueWidth, length, Accumulate[2]);
        MatrixMultiply.Strided(
            scores, 1, length, query.DataRow(start) + channel, query.Width, key.GradientRow(start) + channel, key.Width, length, _headWidth, length, Accumulate[1]);
        MatrixMultiply.Strided(
            scores, length, 1, key.DataRow(start) + channel, key.Width, query.GradientRow(start) + channel, query.Width, length, _headWidth, length, Accumulate[0]);
    }
}
