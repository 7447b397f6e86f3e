namespace SqueezeBert.Evaluation;

/// <summary>Whether a classifier is right as often as its scores say.</summary>
public static class CalibrationMetrics
{
    /// <summary>Bins of the papers that report this error.</summary>
    public const int DefaultBins = 15;

    /// <summary>
    /// Expected calibration error (Guo et al., 2017): predictions are binned by their score into intervals of one width, each open below
    /// and closed above; the differences of mean score and accuracy of the bins are averaged by their predictions. In [0, 1]; NaN for
    /// empty lists.
    /// </summary>
    /// <param name="scores">The probability of each predicted class, in [0, 1].</param>
    /// <param name="right">Whether each prediction is right.</param>
    /// <param name="bins">How many bins, at least 1.</param>
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
