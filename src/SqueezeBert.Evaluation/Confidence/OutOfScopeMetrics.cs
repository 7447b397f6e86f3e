namespace SqueezeBert.Evaluation;

/// <summary>
/// Measures how well a score distinguishes texts of no class (out of scope) from texts of a class (in scope). A higher score means less
/// likely in scope, for example one minus the highest probability, or a distance.
/// </summary>
public static class OutOfScopeMetrics
{
    /// <summary>
    /// Returns the area under the ROC curve: the probability that an out-of-scope text has a higher score than an in-scope text, where ties
    /// count half. It is between 0 and 1, or NaN if a list is empty or a score is NaN.
    /// </summary>
    /// <param name="inScope">The scores of in-scope texts.</param>
    /// <param name="outOfScope">The scores of out-of-scope texts.</param>
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
    /// Returns the share of out-of-scope texts that are refused. The threshold is the lowest one that refuses at most the share
    /// <paramref name="falseRefusals"/> of the in-scope texts. Texts with scores above the threshold are refused. The result is between 0
    /// and 1, or NaN if a list is empty or a score is NaN.
    /// </summary>
    /// <param name="inScope">The scores of in-scope texts.</param>
    /// <param name="outOfScope">The scores of out-of-scope texts.</param>
    /// <param name="falseRefusals">The share of in-scope texts that may be refused, from 0 to below 1.</param>
    /// <param name="threshold">Receives the threshold.</param>
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
