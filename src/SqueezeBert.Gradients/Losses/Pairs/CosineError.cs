using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Losses.Pairs;

/// <summary>
/// The squared difference between the cosine of a pair's two rows and its score, as a mean over pairs. The first two rows are a pair, the
/// next two are the next pair, and so on. A row of length zero has the cosine 0 and no gradient.
/// </summary>
internal sealed unsafe class CosineError : Loss, IParallelBody
{
    private const int PairsOfPart = 8;

    private double[] _losses = [];
    private LossRows _rows;
    private LossTarget _target;

    /// <inheritdoc/>
    public override double Weight(in LossTarget target, int rows, int width) => rows / 2;

    /// <inheritdoc/>
    public override LossSum Compute(in LossRows rows, in LossTarget target, WorkerPool pool)
    {
        var pairs = rows.Count / 2;
        if (target.Labels.Values.Length != pairs || rows.Count % 2 != 0)
            throw new InvalidOperationException($"{rows.Count} rows of vectors but {target.Labels.Values.Length} scores of pairs");
        if (_losses.Length < pairs) _losses = new double[2 * pairs];
        _rows = rows;
        _target = target;
        pool.Run(this, (pairs + PairsOfPart - 1) / PairsOfPart);
        double sum = 0;
        for (var pair = 0; pair < pairs; pair++) sum += _losses[pair];
        return new LossSum(sum, pairs, 0, rows.Count);
    }

    void IParallelBody.Execute(int part, int worker)
    {
        var end = Math.Min(_rows.Count / 2, (part + 1) * PairsOfPart);
        for (var pair = part * PairsOfPart; pair < end; pair++) Pair(pair);
    }

    private void Pair(int pair)
    {
        var width = _rows.Width;
        var x = _rows.Row(2 * pair);
        var y = x + width;
        double product = 0, xSquares = 0, ySquares = 0;
        for (var i = 0; i < width; i++)
        {
            product += (double)x[i] * y[i];
            xSquares += (double)x[i] * x[i];
            ySquares += (double)y[i] * y[i];
        }

        var hasAngle = xSquares > 0 && ySquares > 0;
        var lengths = Math.Sqrt(xSquares) * Math.Sqrt(ySquares);
        var cosine = hasAngle ? product / lengths : 0;
        var error = cosine - _target.Labels.Values[pair];
        _losses[pair] = error * error;
        if (_rows.Gradient is null) return;
        var factor = hasAngle ? 2 * error / _rows.Normaliser : 0;
        var first = 2L * pair * width;
        for (var i = 0; i < width; i++)
        {
            // Both are read before either is written: the gradient may take the rows' place.
            double a = x[i], b = y[i];
            ElementGradient.Put(_rows, first + i, hasAngle ? factor * ((b / lengths) - (cosine * a / xSquares)) : 0);
            ElementGradient.Put(_rows, first + width + i, hasAngle ? factor * ((a / lengths) - (cosine * b / ySquares)) : 0);
        }
    }
}
