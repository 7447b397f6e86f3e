using SqueezeBert.Gradients.Batches;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.Backward;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Gradients.Operations;

/// <summary>
/// softmax(scale Q Kᵀ) V for each text and head; a unit is some heads of one text. The probabilities P are kept; the sign of a kept one
/// says whether dropout took it. Backward, with P' the probabilities after dropout: dV = P'ᵀ dO, dP = dropout(dO Vᵀ), dS = scale P (dP -
/// rowsum(dP P)), dQ = dS K, dK = dSᵀ Q.
/// </summary>
internal sealed unsafe class AttentionOperation(AttentionNode node) : Operation(node)
{
    /// <summary>Queries whose scores are in the cache together.</summary>
    private const int QueryBlock = 96;

    /// <summary>Heads of a unit where there are texts enough for all threads: the next head is fetched while one is computed.</summary>
    private const int HeadBlock = 4;

    private const int ManyTexts = 8;

    private readonly int _headWidth = node.Query.Width / node.Heads;
    private readonly int _valueWidth = node.Width / node.Heads;
    private readonly uint _threshold = DropoutKey.Threshold(node.Dropout);
    private readonly float _keepScale = DropoutKey.KeepScale(node.Dropout);
    private float* _probabilities;
    private float* _scratch;
    private long _scratchSize;
    private long* _offsets;

    /// <summary>Elements from a row of probabilities to the next: whole vectors, zeros beyond the keys.</summary>
    private static int Stride(int keys) => (keys + 15) & ~15;

    private int HeadsOfUnit(Step step) => step.TextCount < ManyTexts ? 1 : Math.Min(HeadBlock, node.Heads);

    public override int Units(Step step) => step.TextCount * ((node.Heads + HeadsOfUnit(step) - 1) / HeadsOfUnit(step));

    public override void Prepare(Step step)
    {
        _offsets = (long*)step.Arena.Floats(2L * (step.TextCount + 1));
        long total = 0;
        long longestQueries = 0;
        for (var text = 0; text < step.TextCount; text++)
        {
            _offsets[text] = total;
            var queries = step.RowsOf(node.Rows, text).Count;
            total += (long)queries * Stride(step.RowsOf(RowSet.Tokens, text).Count) * node.Heads;
            longestQueries = Math.Max(longestQueries, queries);
        }

        _probabilities = step.Arena.Floats(total);
        long stride = Stride(step.MaxLength);
        _scratchSize = stride * ((2 * Math.Min(longestQueries, QueryBlock)) + (2 * Math.Max(_headWidth, _valueWidth)));
        _scratch = step.Arena.Floats(_scratchSize * step.Workers);
    }

    public override void Forward(Step step, int first, int count, int worker) => Heads(step, first, count, worker, backward: false);

    public override void Backward(Step step, int first, int count, int worker) => Heads(step, first, count, worker, backward: true);

    private void Heads(Step step, int first, int count, int worker, bool backward)
    {
        var heads = HeadsOfUnit(step);
        var units = (node.Heads + heads - 1) / heads;
        for (var unit = first; unit < first + count; unit++)
        {
            var text = unit / units;
            var end = Math.Min(node.Heads, ((unit % units) + 1) * heads);
            for (var head = unit % units * heads; head < end; head++)
            {
                if (head + 1 < end) Fetch(step, text, head + 1, backward);
                if (backward) BackwardHead(step, text, head, _scratch + (worker * _scratchSize));
                else ForwardHead(step, text, head, _scratch + (worker * _scratchSize));
            }
        }
    }

    private void Fetch(Step step, int text, int head, bool backward)
    {
        var (firstQuery, queries) = step.RowsOf(node.Rows, text);
        var (start, keys) = step.RowsOf(RowSet.Tokens, text);
        var (query, key, value) = (Inputs[0], Inputs[1], Inputs[2]);
        Prefetch.Rows(query.DataRow(firstQuery) + (head * _headWidth), query.Width, queries, _headWidth);
        Prefetch.Rows(key.DataRow(start) + (head * _headWidth), key.Width, keys, _headWidth);
        Prefetch.Rows(value.DataRow(start) + (head * _valueWidth), value.Width, keys, _valueWidth);
        if (backward) Prefetch.Rows(Output.GradientRow(firstQuery) + (head * _valueWidth), Output.Width, queries, _valueWidth);
    }

    private void ForwardHead(Step step, int text, int head, float* scratch)
    {
        var (firstQuery, queries) = step.RowsOf(node.Rows, text);
        var (start, keys) = step.RowsOf(RowSet.Tokens, text);
        var (query, key, value) = (Inputs[0], Inputs[1], Inputs[2]);
        var (channel, valueChannel) = (head * _headWidth, head * _valueWidth);
        var stride = Stride(keys);
        var transposed = scratch;
        var values = transposed + ((long)stride * _headWidth);
        var weights = values + ((long)stride * _valueWidth);
        var site = step.DropoutKey.Site(node.Site, head);
        TransposePadded(key.DataRow(start) + channel, key.Width, transposed, stride, keys, _headWidth);
        CopyRows(value.DataRow(start) + valueChannel, value.Width, values, keys, _valueWidth);
        for (var first = 0; first < queries; first += QueryBlock)
        {
            var count = Math.Min(QueryBlock, queries - first);
            var probabilities = _probabilities + _offsets[text] + (((long)head * queries) + first) * stride;
            MatrixMultiply.Strided(
                query.DataRow(firstQuery + first) + channel, query.Width, 1, transposed, stride, probabilities, stride, count, stride,
                _headWidth, accumulate: false);
            Elementwise.Scale(node.Scale, probabilities, probabilities, (nint)count * stride);
            Softmax.Forward(probabilities, stride, count, keys);
            var mixed = probabilities;
            if (step.Dropout && node.Dropout > 0)
            {
                mixed = weights;
                var rowKeys = step.RowKeys(node.Rows) + firstQuery + first;
                for (var row = 0; row < count; row++)
                {
                    var at = (long)row * stride;
                    Dropout.Mark(probabilities + at, weights + at, keys, DropoutKey.RowAt(site, rowKeys[row]), _threshold, _keepScale);
                }
            }

            MatrixMultiply.Strided(
                mixed, stride, 1, values, _valueWidth, Output.DataRow(firstQuery + first) + valueChannel, Output.Width, count, _valueWidth,
                keys, accumulate: false);
        }
    }

    private void BackwardHead(Step step, int text, int head, float* scratch)
    {
        var (firstQuery, queries) = step.RowsOf(node.Rows, text);
        var (start, keys) = step.RowsOf(RowSet.Tokens, text);
        var (query, key, value) = (Inputs[0], Inputs[1], Inputs[2]);
        var (channel, valueChannel) = (head * _headWidth, head * _valueWidth);
        var stride = Stride(keys);
        var transposed = scratch;
        var keyRows = transposed + ((long)stride * _valueWidth);
        var scores = keyRows + ((long)stride * _headWidth);
        var weights = scores + ((long)stride * Math.Min(queries, QueryBlock));
        var keyGradient = key.GradientRow(start) + channel;
        var valueGradient = value.GradientRow(start) + valueChannel;
        TransposePadded(value.DataRow(start) + valueChannel, value.Width, transposed, stride, keys, _valueWidth);
        CopyRows(key.DataRow(start) + channel, key.Width, keyRows, keys, _headWidth);

        // Last input first: two of them may be one value, and the plan lets the last one write and the others add.
        if (!Accumulate[2]) ClearRows(valueGradient, value.Width, keys, _valueWidth);
        if (!Accumulate[1]) ClearRows(keyGradient, key.Width, keys, _headWidth);
        for (var first = 0; first < queries; first += QueryBlock)
        {
            var count = Math.Min(QueryBlock, queries - first);
            var row = firstQuery + first;
            var gradient = Output.GradientRow(row) + valueChannel;
            MatrixMultiply.Strided(gradient, Output.Width, 1, transposed, stride, scores, stride, count, stride, _valueWidth,
                accumulate: false);
            SoftmaxBackward.Run(
                _probabilities + _offsets[text] + (((long)head * queries) + first) * stride, scores, weights, stride, count,
                step.Dropout && node.Dropout > 0 ? _keepScale : 1, node.Scale);
            MatrixMultiply.AddTransposed(weights, stride, gradient, Output.Width, valueGradient, value.Width, count, keys,
                _valueWidth, null);
            MatrixMultiply.AddTransposed(scores, stride, query.DataRow(row) + channel, query.Width, keyGradient, key.Width, count, keys,
                _headWidth, null);
            MatrixMultiply.Strided(
                scores, stride, 1, keyRows, _headWidth, query.GradientRow(row) + channel, query.Width, count, _headWidth, keys,
                Accumulate[0]);
        }
    }

    /// <summary>[width, stride] of [rows, width], zeros beyond the rows.</summary>
    private static void TransposePadded(float* source, int sourceStride, float* target, int stride, int rows, int width)
    {
        MatrixMultiply.Transpose(source, sourceStride, target, stride, rows, width);
        for (var i = 0; rows < stride && i < width; i++) new Span<float>(target + ((long)i * stride) + rows, stride - rows).Clear();
    }

    private static void CopyRows(float* source, int sourceStride, float* target, int rows, int width)
    {
        for (var row = 0; row < rows; row++) new ReadOnlySpan<float>(source + ((long)row * sourceStride), width).CopyTo(
            new Span<float>(target + ((long)row * width), width));
    }

    private static void ClearRows(float* x, int stride, int rows, int width)
    {
        for (var row = 0; row < rows; row++) new Span<float>(x + ((long)row * stride), width).Clear();
    }
}
