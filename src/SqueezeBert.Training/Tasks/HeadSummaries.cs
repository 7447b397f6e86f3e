namespace SqueezeBert.Training.Tasks;

/// <summary>Evaluations of several heads as one.</summary>
internal static class HeadSummaries
{
    /// <summary>The figure that evaluations are compared by: the mean of the heads' scores.</summary>
    public const string Score = "score";

    /// <summary>
    /// The weighted sum of the losses, each head's figures behind its name ("intent.accuracy"), and the mean of their scores.
    /// </summary>
    /// <param name="heads">Heads that have been evaluated; of none there is no loss.</param>
    public static EvaluationSummary Join(IReadOnlyList<(string Name, EvaluationSummary Summary, double Score, double Weight)> heads)
    {
        if (heads.Count == 0) return new EvaluationSummary(double.NaN, null, 0, new Dictionary<string, double>());
        var figures = new SortedDictionary<string, double>(StringComparer.Ordinal);
        var bySource = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, summary, _, _) in heads)
        {
            figures[$"{name}.loss"] = summary.Loss;
            if (summary.Accuracy is { } accuracy) figures[$"{name}.accuracy"] = accuracy;
            foreach (var (figure, value) in summary.Figures) figures[$"{name}.{figure}"] = value;
            foreach (var (file, share) in summary.BySource) bySource[$"{name}: {file}"] = share;
        }

        figures[Score] = heads.Average(head => head.Score);
        return new EvaluationSummary(
            heads.Sum(head => head.Weight * head.Summary.Loss), null, heads.Sum(head => head.Summary.Examples), bySource)
        {
            Figures = figures,
        };
    }

    /// <summary>The score of a joined evaluation; null where it is none.</summary>
    public static double? Of(EvaluationSummary evaluation) => evaluation.Figures.TryGetValue(Score, out var score) ? score : null;
}
