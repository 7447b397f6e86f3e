using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Backward;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Kernels.RowWise;
using SqueezeBert.Kernels.SequenceWise;

namespace SqueezeBert.Gradients.Operations;

/// <summary>
/// softmax(scale Q Kᵀ) V for each text and head, where the keys are the rows of K and V that belong to the text. A unit consists of some
/// heads of one text. The probabilities P are kept, and their sign marks those that dropout has dropped. Backward, with P' as the
/// probabilities after dropout: dV = P'ᵀ dO, dP = dropout(dO Vᵀ), dS = scale P (dP - rowsum(dP P)), dQ = dS K, dK = dSᵀ Q.
/// </summary>
internal sealed unsafe class AttentionOperation(AttentionNode node) : Operation(node)
{
    /// <summary>The number of queries whose scores are in the cache at the same time, in the backward pass.</summary>
    private const int QueryBlock = 96;

    /// <summary>
    /// The number of heads of a unit if there are enough texts for all threads. The next head is prefetched while one is computed.
    /// </summary>
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

    /// <summary>
    /// Returns the number of elements from one row of probabilities to the next: whole vectors, with zeros beyond the keys.
    /// </summary>
    private static int Stride(int keys) => (keys + 15) & ~15;

    private int HeadsOfUnit(BatchState state) => state.TextCount < ManyTexts ? 1 : Math.Min(HeadBlock, node.Heads);

    public override int Units(BatchState state) => state.TextCount * ((node.Heads + HeadsOfUnit(state) - 1) / HeadsOfUnit(state));

    public override void Prepare(BatchState state)
    {
        _offsets = (long*)state.Arena.Floats(2L * (state.TextCount + 1));
        long total = 0;
        long longestQueries = 0;
        for (var text = 0; text < state.TextCount; text++)
        {
            _offsets[text] = total;
            var queries = state.RowsOf(node.Rows, text).Count;
            total += (long)queries * Stride(state.RowsOf(node.Key.Rows, text).Count) * node.Heads;
            longestQueries = Math.Max(longestQueries, queries);
        }

        _probabilities = state.Arena.Floats(total);
        var longestKeys = state.MaxLength(node.Key.Rows);
        long stride = Stride(longestKeys);
        var width = Math.Max(_headWidth, _valueWidth);
        _scratchSize = Math.Max(
            (stride * VectorAttention.QueryBlock) + Attention.WorkspaceSize((int)longestQueries, longestKeys, width),
            stride * ((2 * Math.Min(longestQueries, QueryBlock)) + (2L * width)));
        _scratch = state.Arena.Floats(_scratchSize * state.Workers);
    }

    public override void Forward(BatchState state, int first, int count, int worker) => Heads(state, first, count, worker, backward: false);

    public override void Backward(BatchState state, int first, int count, int worker) => Heads(state, first, count, worker, backward: true);

    private void Heads(BatchState state, int first, int count, int worker, bool backward)
    {
        var heads = HeadsOfUnit(state);
        var units = (node.Heads + heads - 1) / heads;
        for (var unit = first; unit < first + count; unit++)
        {
            var text = unit / units;
            var end = Math.Min(node.Heads, ((unit % units) + 1) * heads);
            for (var head = unit % units * heads; head < end; head++)
            {
                if (head + 1 < end) Fetch(state, text, head + 1, backward);
                if (backward) BackwardHead(state, text, head, _scratch + (worker * _scratchSize));
                else ForwardHead(state, text, head, _scratch + (worker * _scratchSize));
            }
        }
    }

    private void Fetch(BatchState state, int text, int head, bool backward)
    {
        var (firstQuery, queries) = state.RowsOf(node.Rows, text);
        var (start, keys) = state.RowsOf(node.Key.Rows, text);
        var (query, key, value) = (Inputs[0], Inputs[1], Inputs[2]);
        Prefetch.Rows(new(query.DataRow(firstQuery) + (head * _headWidth), query.Width, queries, _headWidth));
        Prefetch.Rows(new(key.DataRow(start) + (head * _headWidth), key.Width, keys, _headWidth));
        Prefetch.Rows(new(value.DataRow(start) + (head * _valueWidth), value.Width, keys, _valueWidth));
        if (backward) Prefetch.Rows(new(Output.GradientRow(firstQuery) + (head * _valueWidth), Output.Width, queries, _valueWidth));
    }

    private void ForwardHead(BatchState state, int text, int head, float* scratch)
    {
        var (firstQuery, queries) = state.RowsOf(node.Rows, text);
        var (start, keys) = state.RowsOf(node.Key.Rows, text);
        var (query, key, value) = (Inputs[0], Inputs[1], Inputs[2]);
        var (channel, valueChannel) = (head * _headWidth, head * _valueWidth);
        var stride = Stride(keys);
        var isDropping = state.Dropout && node.Dropout > 0;
        Attention.Forward(
            new(query.DataRow(firstQuery) + channel, query.Width, queries, _headWidth),
            new(key.DataRow(start) + channel, key.Width, keys, _headWidth),
            new(value.DataRow(start) + valueChannel, value.Width, keys, _valueWidth),
            new(Output.DataRow(firstQuery) + valueChannel, Output.Width, queries, _valueWidth),
            1,
            scratch + ((long)stride * VectorAttention.QueryBlock),
            new KeptSoftmax
            {
                Probabilities = _probabilities + _offsets[text] + ((long)head * queries * stride),
                Scale = node.Scale,
                RowKeys = isDropping ? state.RowKeys(node.Rows) + firstQuery : null,
                Site = state.DropoutKey.Site(node.Site, head),
                Threshold = _threshold,
                KeepScale = _keepScale,
                Dropped = scratch,
            });
    }

    private void BackwardHead(BatchState state, int text, int head, float* scratch)
    {
        var (firstQuery, queries) = state.RowsOf(node.Rows, text);
        var (start, keys) = state.RowsOf(node.Key.Rows, text);
        var (query, key, value) = (Inputs[0], Inputs[1], Inputs[2]);
        var (channel, valueChannel) = (head * _headWidth, head * _valueWidth);
        var stride = Stride(keys);
        var transposed = scratch;
        var keyRows = transposed + ((long)stride * _valueWidth);
        var scores = keyRows + ((long)stride * _headWidth);
        var weights = scores + ((long)stride * Math.Min(queries, QueryBlock));
        var keyGradient = GradientOf(key, start, channel, keys, _headWidth);
        var valueGradient = GradientOf(value, start, valueChannel, keys, _valueWidth);
        TransposePadded(value.DataRow(start) + valueChannel, value.Width, transposed, stride, keys, _valueWidth);
        CopyRows(key.DataRow(start) + channel, key.Width, keyRows, keys, _headWidth);

        // Last input first: two of them may be one value, and the plan lets the last one write and the others add.
        if (!valueGradient.IsNone && !Accumulate[2]) ClearRows(valueGradient);
        if (!keyGradient.IsNone && !Accumulate[1]) ClearRows(keyGradient);
        for (var first = 0; first < queries; first += QueryBlock)
        {
            var count = Math.Min(QueryBlock, queries - first);
            var row = firstQuery + first;
            var gradient = new Matrix(Output.GradientRow(row) + valueChannel, Output.Width, count, _valueWidth);
            MatrixMultiply.Strided(gradient, new(transposed, _valueWidth, stride), new(scores, count, stride), accumulate: false);
            SoftmaxBackward.Run(
                new(_probabilities + _offsets[text] + (((long)head * queries) + first) * stride, count, stride), new(scores, count, stride),
                new(weights, count, stride), state.Dropout && node.Dropout > 0 ? _keepScale : 1, node.Scale);
            if (!valueGradient.IsNone) MatrixMultiply.AddTransposed(new(weights, stride, count, keys), gradient, valueGradient, null);
            var scoreRows = new Matrix(scores, stride, count, keys);
            if (!keyGradient.IsNone)
            {
                MatrixMultiply.AddTransposed(
                    scoreRows, new(query.DataRow(row) + channel, query.Width, count, _headWidth), keyGradient, null);
            }

            var queryGradient = GradientOf(query, row, channel, count, _headWidth);
            if (!queryGradient.IsNone)
                MatrixMultiply.Strided(scoreRows, new(keyRows, keys, _headWidth), queryGradient, Accumulate[0]);
        }
    }

    /// <summary>Returns a head's part of a gradient, or none if it is not needed.</summary>
    private static Matrix GradientOf(Value value, int firstRow, int channel, int rows, int width) =>
        value.NeedsGradient ? new(value.GradientRow(firstRow) + channel, value.Width, rows, width) : default;

    /// <summary>[width, stride] of [rows, width], zeros beyond the rows.</summary>
    private static void TransposePadded(float* source, int sourceStride, float* target, int stride, int rows, int width)
    {
        MatrixMultiply.Transpose(new(source, sourceStride, rows, width), new(target, stride, width, rows));
        for (var i = 0; rows < stride && i < width; i++) new Span<float>(target + ((long)i * stride) + rows, stride - rows).Clear();
    }

    private static void CopyRows(float* source, int sourceStride, float* target, int rows, int width)
    {
        for (var row = 0; row < rows; row++) new ReadOnlySpan<float>(source + ((long)row * sourceStride), width).CopyTo(
            new Span<float>(target + ((long)row * width), width));
    }

    private static void ClearRows(Matrix x)
    {
        for (var row = 0; row < x.Rows; row++) new Span<float>(x.Row(row), x.Columns).Clear();
    }

    /// <summary>
    /// The softmax of training. Probabilities are kept for the backward pass, and dropout is applied before they are multiplied by the
    /// values. They are divided by their sum immediately and not at the end, as in inference, because dropout and its gradient apply to
    /// probabilities.
    /// </summary>
    private readonly struct KeptSoftmax : IAttentionSoftmax
    {
        /// <summary>[queries, stride]: receives the probabilities; the sign of a dropped one is set.</summary>
        public float* Probabilities { get; init; }

        /// <summary>The scale of the products of queries and keys.</summary>
        public float Scale { get; init; }

        /// <summary>The key of each query for the random numbers. Null drops nothing.</summary>
        public ulong* RowKeys { get; init; }

        public ulong Site { get; init; }

        public uint Threshold { get; init; }

        public float KeepScale { get; init; }

        /// <summary>[queries of a block, stride]: receives the probabilities after dropout.</summary>
        public float* Dropped { get; init; }

        public float* ScoresOf(int firstQuery, int stride, float* workspace) => Probabilities + ((long)firstQuery * stride);

        public Matrix Weigh(InstructionSet set, Matrix scores, int head, int firstQuery)
        {
            Elementwise.Scale(set, Scale, scores.Data, scores.Data, scores.Rows * scores.Stride);
            Softmax.Forward(set, scores);
            if (RowKeys is null) return scores;
            var dropped = new Matrix(Dropped, scores.Stride, scores.Rows, scores.Columns);
            for (var row = 0; row < scores.Rows; row++)
            {
                Dropout.Mark(set, scores.Row(row), dropped.Row(row), scores.Columns, DropoutKey.RowAt(Site, RowKeys[firstQuery + row]),
                    Threshold, KeepScale);
            }

            return dropped;
        }

        public void Finish(InstructionSet set, Matrix output)
        {
        }
    }
}
