namespace SqueezeBert.Training.Distillation;

/// <summary>
/// Measures the distribution of the directions of vectors. A student that gives almost the same vector to all texts has collapsed, however
/// high its cosine with the teacher is. Not thread-safe.
/// </summary>
internal sealed class VectorFigures
{
    // Enough for the figures; more would cost time.
    private const int MaxVectors = 4096;

    private readonly List<float[]> _directions = [];

    /// <summary>Adds a vector. If there are many, only the first ones count.</summary>
    public void Add(ReadOnlySpan<float> vector)
    {
        double squares = 0;
        foreach (var value in vector) squares += (double)value * value;
        if (squares == 0 || _directions.Count == MaxVectors) return;
        var direction = new float[vector.Length];
        for (var i = 0; i < direction.Length; i++) direction[i] = (float)(vector[i] / Math.Sqrt(squares));
        _directions.Add(direction);
    }

    /// <summary>
    /// Returns the standard deviation of the directions (the square root of the sum of the variances): 0 if all are equal, and at most 1.
    /// </summary>
    public double Spread()
    {
        if (_directions.Count == 0) return double.NaN;
        double squares = 0;
        foreach (var value in Mean()) squares += value * value;
        return Math.Sqrt(Math.Max(0, 1 - squares));
    }

    /// <summary>
    /// Returns the participation ratio (Σ λ)² / Σ λ² of the eigenvalues of their covariance, which is the number of dimensions in use, at
    /// least 1. It is undefined if all are equal.
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
