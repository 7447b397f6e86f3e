namespace SqueezeBert.Evaluation;

/// <summary>
/// How well a score tells texts that belong to none of a model's classes from those that do. A higher score means less likely in scope:
/// one less the highest probability, or a distance.
/// </summary>
public static class OutOfScopeMetrics
{
    /// <summary>
    /// Area under the ROC curve: how often a text out of scope has a higher score than one in scope, ties counting half. In [0, 1]; NaN
    /// where one of the lists is empty or a score is NaN.
    /// </summary>
    public static double Auroc(ReadOnlySpan<double> inScope, ReadOnlySpan<double> outOfScope)
    {
        if (inScope.IsEmpty || outOfScope.IsEmpty || HasNaN(inScope) || HasNaN(outOfScope)) return double.NaN;
        var sorted = inScope.ToArray();
        Array.Sort(sorted);
        double wins = 0;
        foreach (var score in outOfScope)
        {
            var below = Count(sorted, score, orEqual: false);
            wins += below + (0.5 * (Count(sorted, score, orEqual: true) - below));
        }

        return wins / ((double)inScope.Length * outOfScope.Length);
    }

    /// <summary>
    /// The share of texts out of scope that are refused by the lowest threshold that refuses at most a share
    /// <paramref name="falseRefusals"/> of the texts in scope; refused is what scores above the threshold. In [0, 1]; NaN where one of the
    /// lists is empty or a score is NaN.
    /// </summary>
    /// <param name="inScope">Scores of texts in scope.</param>
    /// <param name="outOfScope">Scores of texts out of scope.</param>
    /// <param name="falseRefusals">In [0, 1).</param>
    /// <param name="threshold">The threshold.</param>
    public static double Recall(
        ReadOnlySpan<double> inScope, ReadOnlySpan<double> outOfScope, double falseRefusals, out double threshold)
    {
        if (falseRefusals is not (>= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(falseRefusals));
        threshold = double.NaN;
        if (inScope.IsEmpty || outOfScope.IsEmpty || HasNaN(inScope) || HasNaN(outOfScope)) return double.NaN;
        var sorted = inScope.ToArray();
        Array.Sort(sorted);
        var allowed = (int)Math.Floor(falseRefusals * inScope.Length);
        threshold = sorted[^(allowed + 1)];
        var refused = 0;
        foreach (var score in outOfScope)
        {
            if (score > threshold) refused++;
        }

        return (double)refused / outOfScope.Length;
    }

    private static bool HasNaN(ReadOnlySpan<double> scores)
    {
        foreach (var score in scores)
        {
            if (double.IsNaN(score)) return true;
        }

        return false;
    }

    // Elements below a value, or not above it.
    private static int Count(double[] sorted, double value, bool orEqual)
    {
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (orEqual ? sorted[middle] <= value : sorted[middle] < value) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
