namespace SqueezeBert.Evaluation;

/// <summary>Figures of one query's ranking, as trec_eval computes them. A document is relevant where its gain is above 0.</summary>
public static class RetrievalMetrics
{
    /// <summary>
    /// Normalized discounted cumulative gain: the gains of the first <paramref name="depth"/> documents, each divided by the binary
    /// logarithm of its rank plus 1, over what the best ranking reaches; in [0, 1]. NaN where no document is relevant.
    /// </summary>
    /// <param name="ranked">The gain of each document that was found, best first; 0 for one that is not relevant.</param>
    /// <param name="judged">The gains of all documents that are relevant to the query, found or not, in any order.</param>
    /// <param name="depth">Ranks that count, at least 1.</param>
    public static double Ndcg(ReadOnlySpan<double> ranked, ReadOnlySpan<double> judged, int depth)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(depth, 1);
        var best = judged.ToArray();
        Array.Sort(best, static (left, right) => right.CompareTo(left));
        var ideal = DiscountedGain(best, depth);
        return ideal > 0 ? DiscountedGain(ranked, depth) / ideal : double.NaN;
    }

    /// <summary>
    /// One over the rank of the first relevant document, whose mean is MRR; 0 where none is among the first <paramref name="depth"/>.
    /// </summary>
    /// <param name="ranked">The gain of each document that was found, best first.</param>
    /// <param name="depth">Ranks that count, at least 1.</param>
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
    /// The share of the relevant documents that are among the first <paramref name="depth"/>, in [0, 1]; NaN where none is relevant.
    /// </summary>
    /// <param name="ranked">The gain of each document that was found, best first.</param>
    /// <param name="relevant">How many documents are relevant.</param>
    /// <param name="depth">Ranks that count, at least 1.</param>
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
