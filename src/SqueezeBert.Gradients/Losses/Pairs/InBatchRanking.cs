using SqueezeBert.Kernels.Products;
using SqueezeBert.Kernels.RowWise;
using SqueezeBert.Memory;
using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Losses.Pairs;

/// <summary>
/// Multiple negatives ranking (Henderson et al., 2017): each query has to find its own text among those of the whole batch. The loss is the
/// cross-entropy of the softmax of scale · cosine, as a mean over queries. The rows of each example are a query, its text and, with three
/// rows, a hard negative. Labels mark rows with equal texts: a candidate that equals the query or its right answer is not a negative.
/// </summary>
internal sealed unsafe class InBatchRanking : Loss
{
    private readonly double _scale;
    private readonly int _rowsOfExample;
    private readonly NativeBuffer _memory = new();
    private double[] _lengths = [];

    /// <param name="scale">The factor of cosines, above 0. 20 is usual.</param>
    /// <param name="rowsOfExample">2, or 3 with a hard negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of the two values is out of range.</exception>
    public InBatchRanking(double scale, int rowsOfExample)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(scale);
        ArgumentOutOfRangeException.ThrowIfLessThan(rowsOfExample, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rowsOfExample, 3);
        _scale = scale;
        _rowsOfExample = rowsOfExample;
    }

    /// <inheritdoc/>
    public override double Weight(in LossTarget target, int rows, int width) => rows / _rowsOfExample;

    /// <inheritdoc/>
    /// <remarks>A query counts as correct where no candidate is nearer than its own text.</remarks>
    public override LossSum Compute(in LossRows rows, in LossTarget target, WorkerPool pool)
    {
        var texts = target.Labels.Classes;
        if (texts.Length != rows.Count || rows.Count % _rowsOfExample != 0)
            throw new InvalidOperationException($"{rows.Count} rows of vectors but {texts.Length} labels, {_rowsOfExample} an example");
        var (queries, width) = (rows.Count / _rowsOfExample, rows.Width);
        var candidates = queries * (_rowsOfExample - 1);
        if (_lengths.Length < rows.Count) _lengths = new double[2 * rows.Count];
        var square = (long)queries * candidates;
        _memory.Reserve(NativeBuffer.BytesOf((2 * square) + (2L * rows.Count * width)));
        var a = _memory.Floats;
        var c = a + ((long)queries * width);
        var turned = c + ((long)candidates * width);
        var cosines = turned + ((long)rows.Count * width);
        Directions(rows, a, c);
        MatrixMultiply.Transpose(new(c, candidates, width), new(turned, width, candidates));
        MatrixMultiply.Strided(new(a, queries, width), new(turned, width, candidates), new(cosines, queries, candidates), false);
        double sum = 0;
        var correct = 0L;
        for (var query = 0; query < queries; query++)
        {
            var (loss, isRight) = Query(cosines + ((long)query * candidates), query, candidates, texts, rows.Normaliser);
            sum += loss;
            correct += isRight ? 1 : 0;
        }

        if (rows.Gradient is not null) Backward(rows, a, c, cosines, turned);
        return new LossSum(sum, queries, correct, rows.Count);
    }

    private int RowOf(int candidate, int queries) =>
        (candidate % queries * _rowsOfExample) + 1 + (candidate / queries);

    private void Directions(in LossRows rows, float* a, float* c)
    {
        var queries = rows.Count / _rowsOfExample;
        for (var query = 0; query < queries; query++)
        {
            var row = query * _rowsOfExample;
            _lengths[row] = UnitLength.Forward(rows.Row(row), a + ((long)query * rows.Width), rows.Width);
        }

        for (var candidate = 0; candidate < queries * (_rowsOfExample - 1); candidate++)
        {
            var row = RowOf(candidate, queries);
            _lengths[row] = UnitLength.Forward(rows.Row(row), c + ((long)candidate * rows.Width), rows.Width);
        }
    }

    /// <summary>Computes the loss of a query. Its cosines are replaced by their gradient.</summary>
    private (double Loss, bool IsRight) Query(float* cosines, int query, int candidates, ReadOnlySpan<int> texts, double normaliser)
    {
        var queries = texts.Length / _rowsOfExample;
        var (own, right) = (texts[query * _rowsOfExample], texts[RowOf(query, queries)]);
        var score = _scale * cosines[query];
        var largest = score;
        for (var i = 0; i < candidates; i++)
        {
            var text = texts[RowOf(i, queries)];
            if (i != query && (text == own || text == right)) cosines[i] = float.NegativeInfinity;
            else largest = Math.Max(largest, _scale * cosines[i]);
        }

        double sum = 0;
        for (var i = 0; i < candidates; i++) sum += Math.Exp((_scale * cosines[i]) - largest);
        for (var i = 0; i < candidates; i++)
        {
            var share = Math.Exp((_scale * cosines[i]) - largest) / sum;
            cosines[i] = (float)(_scale * (share - (i == query ? 1 : 0)) / normaliser);
        }

        return (largest + Math.Log(sum) - score, score >= largest);
    }

    private void Backward(in LossRows rows, float* a, float* c, float* gradients, float* scratch)
    {
        var (queries, width) = (rows.Count / _rowsOfExample, rows.Width);
        var candidates = queries * (_rowsOfExample - 1);
        var byQueries = scratch;
        var byCandidates = scratch + ((long)queries * width);
        var turned = gradients + ((long)queries * candidates);
        MatrixMultiply.Transpose(new(gradients, queries, candidates), new(turned, candidates, queries));
        MatrixMultiply.Strided(new(gradients, queries, candidates), new(c, candidates, width), new(byQueries, queries, width), false);
        MatrixMultiply.Strided(new(turned, candidates, queries), new(a, queries, width), new(byCandidates, candidates, width), false);
        for (var query = 0; query < queries; query++) Put(rows, query * _rowsOfExample, byQueries + ((long)query * width));
        for (var candidate = 0; candidate < candidates; candidate++)
            Put(rows, RowOf(candidate, queries), byCandidates + ((long)candidate * width));
    }

    private void Put(in LossRows rows, int row, float* gradient) => UnitLength.Backward(
        rows.Row(row), _lengths[row], gradient, rows.GradientRow(row), rows.Accumulate, rows.Width);
}
