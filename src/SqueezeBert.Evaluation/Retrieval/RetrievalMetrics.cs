namespace SqueezeBert.Evaluation;

/// <summary>Figures for the ranking of one query, as trec_eval computes them. A document is relevant if its gain is above 0.</summary>
public static class RetrievalMetrics
{
    /// <summary>
    /// Returns the normalized discounted cumulative gain (nDCG), 0 to 1. The gains of the first <paramref name="depth"/> documents are
    /// divided by the binary logarithm of rank + 1, added up, and divided by the value of the best ranking. It is NaN if no document is
    /// relevant.
    /// </summary>
    /// <param name="ranked">The gain of each document that was found, best first. It is 0 for a document that is not relevant.</param>
    /// <param name="judged">The gains of all relevant documents of the query, found or not, in any order.</param>
    /// <param name="depth">The number of ranks that count, 1 or more.</param>
    public static double Ndcg(ReadOnlySpan<double> ranked, ReadOnlySpan<double> judged, int depth)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(depth, 1);
        var best = judged.ToArray();
        Array.Sort(best, static (left, right) => right.CompareTo(left));
        var ideal = DiscountedGain(best, depth);
        return ideal > 0 ? DiscountedGain(ranked, depth) / ideal : double.NaN;
    }

    /// <summary>
    /// Returns the reciprocal rank of the first relevant document, whose mean is MRR. It is 0 if none of the first <paramref name="depth"/>
    /// documents is relevant.
    /// </summary>
    /// <param name="ranked">The gain of each document that was found, best first.</param>
    /// <param name="depth">The number of ranks that count, 1 or more.</param>
    public static double ReciprocalRank(ReadOnlySpan<double> ranked, int depth)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(depth, 1);
        for (var i = 0; i < Math.Min(depth, ranked.Length); i++)
        {
            if (ranked[i] > 0) return 1.0 / (i + 1);
        }

        return 0;
    }

    /// <summary>
    /// Returns the share of the relevant documents that are among the first <paramref name="depth"/>, 0 to 1. It is NaN if no document is
    /// relevant.
    /// </summary>
    /// <param name="ranked">The gain of each document that was found, best first.</param>
    /// <param name="relevant">The number of relevant documents.</param>
    /// <param name="depth">The number of ranks that count, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// More relevant documents were found than <paramref name="relevant"/> says, or a number is out of range.
    /// </exception>
    public static double Recall(ReadOnlySpan<double> ranked, int relevant, int depth)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(relevant);
        ArgumentOutOfRangeException.ThrowIfLessThan(depth, 1);
        var found = 0;
        foreach (var gain in ranked[..Math.Min(depth, ranked.Length)])
        {
            if (gain > 0) found++;
        }

        if (found > relevant)
            throw new ArgumentOutOfRangeException(nameof(relevant), $"{found} relevant documents were found, and {relevant} are relevant");
        return relevant == 0 ? double.NaN : (double)found / relevant;
    }

    private static double DiscountedGain(ReadOnlySpan<double> gains, int depth)
    {
        double sum = 0;
        for (var i = 0; i < Math.Min(depth, gains.Length); i++) sum += Math.Max(0, gains[i]) / Math.Log2(i + 2);
        return sum;
    }
}
