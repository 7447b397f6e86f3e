namespace SqueezeBert.Training.Distillation;

/// <summary>
/// How the directions of some vectors are spread: a student whose texts all get nearly the same vector has collapsed, however high its
/// cosine with the teacher is. Not thread-safe.
/// </summary>
internal sealed class VectorFigures
{
    // Enough for the figures; more would cost time.
    private const int MaxVectors = 4096;

    private readonly List<float[]> _directions = [];

    /// <summary>Adds a vector; where there are many, the first ones count.</summary>
    public void Add(ReadOnlySpan<float> vector)
    {
        double squares = 0;
        foreach (var value in vector) squares += (double)value * value;
        if (squares == 0 || _directions.Count == MaxVectors) return;
        var direction = new float[vector.Length];
        for (var i = 0; i < direction.Length; i++) direction[i] = (float)(vector[i] / Math.Sqrt(squares));
        _directions.Add(direction);
    }

    /// <summary>The standard deviation of the directions (√ of the sum of the variances): 0 where all are alike, at most 1.</summary>
    public double Spread()
    {
        if (_directions.Count == 0) return double.NaN;
        double squares = 0;
        foreach (var value in Mean()) squares += value * value;
        return Math.Sqrt(Math.Max(0, 1 - squares));
    }

    /// <summary>
    /// The participation ratio (Σ λ)² / Σ λ² of the eigenvalues of their covariance: how many dimensions they use, at least 1. Undefined
    /// where all are alike.
    /// </summary>
    public double EffectiveRank()
    {
        if (_directions.Count < 2) return double.NaN;
        var (mean, width) = (Mean(), _directions[0].Length);
        var centred = new double[_directions.Count][];
        for (var n = 0; n < centred.Length; n++)
        {
            centred[n] = new double[width];
            for (var i = 0; i < width; i++) centred[n][i] = _directions[n][i] - mean[i];
        }

        // The sum of the squared eigenvalues is that of the squared elements; both sums lack the same factor.
        double trace = 0, squares = 0;
        var row = new double[width];
        for (var i = 0; i < width; i++)
        {
            Array.Clear(row);
            foreach (var vector in centred)
            {
                var factor = vector[i];
                for (var j = 0; j < width; j++) row[j] += factor * vector[j];
            }

            trace += row[i];
            foreach (var value in row) squares += value * value;
        }

        return trace * trace / squares;
    }

    private double[] Mean()
    {
        var mean = new double[_directions[0].Length];
        foreach (var direction in _directions)
        {
            for (var i = 0; i < mean.Length; i++) mean[i] += direction[i];
        }

        for (var i = 0; i < mean.Length; i++) mean[i] /= _directions.Count;
        return mean;
    }
}
