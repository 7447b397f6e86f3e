namespace SqueezeBert.Evaluation;

/// <summary>Measures whether a classifier is right as often as its scores say.</summary>
public static class CalibrationMetrics
{
    /// <summary>The default number of bins, which is usual in publications of this error.</summary>
    public const int DefaultBins = 15;

    /// <summary>
    /// Computes the expected calibration error (Guo et al., 2017). Predictions are sorted by their score into bins of equal width, each
    /// open below and closed above. The result is the mean difference between the mean score and the accuracy of each bin, weighted by the
    /// number of its predictions. It is between 0 and 1, or NaN for empty lists.
    /// </summary>
    /// <param name="scores">The probability of each predicted class, 0 to 1.</param>
    /// <param name="right">Whether each prediction is right.</param>
    /// <param name="bins">The number of bins, 1 or more.</param>
    public static double ExpectedError(ReadOnlySpan<double> scores, ReadOnlySpan<bool> right, int bins = DefaultBins)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        if (scores.Length != right.Length) throw new ArgumentException($"{right.Length} answers for {scores.Length} scores", nameof(right));
        var sums = new double[bins];
        for (var i = 0; i < scores.Length; i++)
        {
            if (scores[i] is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(scores), scores[i], "a score is 0 to 1");
            var bin = Math.Clamp((int)Math.Ceiling(scores[i] * bins) - 1, 0, bins - 1);
            sums[bin] += scores[i] - (right[i] ? 1 : 0);
        }

        return scores.Length == 0 ? double.NaN : sums.Sum(Math.Abs) / scores.Length;
    }
}
