using System.Globalization;
using System.Text.Json;
using SqueezeBert.Evaluation.Metrics;

namespace SqueezeBert.Evaluation;

/// <summary>
/// The official scores of SQuAD 1.1 or 2.0 over questions, as shares (the scripts print hundredths). Not thread-safe while counting.
/// </summary>
/// <param name="version">Whose rules count.</param>
/// <param name="threshold">
/// There is no answer to a question whose null odds are above this; version 2.0 only. The official script has 1, for probabilities.
/// </param>
public sealed class SquadReport(SquadVersion version, double threshold = 1) : IEvaluationReport
{
    private readonly List<Scored> _scored = [];
    private bool _hasOdds;

    /// <summary>Whose rules count.</summary>
    public SquadVersion Version { get; } = version;

    /// <summary>Null odds above this mean no answer.</summary>
    public double Threshold { get; } = threshold;

    /// <summary>Questions that the figures are over: in version 2.0 those with a prediction.</summary>
    public long Examples => _scored.Count + (Version == SquadVersion.V1 ? Missing : 0);

    /// <summary>Questions without a prediction.</summary>
    public long Missing { get; private set; }

    private long Unanswerable { get; set; }

    /// <summary>Counts a question.</summary>
    /// <param name="answers">Its right answers; none where there is no answer.</param>
    /// <param name="prediction">The predicted text, "" for no answer; null where nothing was predicted.</param>
    /// <param name="nullOdds">How much better no answer is than the prediction; null where that is not known.</param>
    public void Add(IReadOnlyList<string> answers, string? prediction, double? nullOdds = null)
    {
        ArgumentNullException.ThrowIfNull(answers);
        if (answers.Count == 0) Unanswerable++;
        if (prediction is null)
        {
            Missing++;
            return;
        }

        _hasOdds |= nullOdds is not null;
        var (isExact, f1) = SquadMetrics.Score(prediction, answers, Version);
        _scored.Add(new Scored(answers.Count > 0, prediction.Length > 0, isExact ? 1 : 0, f1, nullOdds ?? 0));
    }

    /// <summary>
    /// exact_match and f1; in version 2.0 exact and f1, HasAns_… and NoAns_… where there are such questions, and with null odds
    /// best_exact, best_f1 and the thresholds that reach them.
    /// </summary>
    public IEnumerable<(string Name, double Value)> Figures()
    {
        if (Version == SquadVersion.V1)
        {
            yield return ("exact_match", Ratio(_scored.Sum(one => one.Exact), Examples));
            yield return ("f1", Ratio(_scored.Sum(one => one.F1), Examples));
            yield break;
        }

        var all = _scored.Select(one => one.NullOdds > Threshold ? one.Unanswered : one).ToList();
        foreach (var figure in Means(all, "")) yield return figure;
        foreach (var figure in Means([.. all.Where(one => one.HasAnswer)], "HasAns_")) yield return figure;
        foreach (var figure in Means([.. all.Where(one => !one.HasAnswer)], "NoAns_")) yield return figure;
        if (!_hasOdds) yield break;
        var (bestExact, exactThreshold) = Best(one => one.Exact);
        var (bestF1, f1Threshold) = Best(one => one.F1);
        yield return ("best_exact", bestExact);
        yield return ("best_exact_thresh", exactThreshold);
        yield return ("best_f1", bestF1);
        yield return ("best_f1_thresh", f1Threshold);
    }

    /// <summary>Writes one object: examples, missing, the figures, and of version 2.0 HasAns_total and NoAns_total.</summary>
    public void WriteJson(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteNumber("examples", Examples);
        writer.WriteNumber("missing", Missing);
        FiguresJson.Write(writer, Figures());

        if (Version == SquadVersion.V2)
        {
            writer.WriteNumber("HasAns_total", _scored.Count(one => one.HasAnswer));
            writer.WriteNumber("NoAns_total", _scored.Count(one => !one.HasAnswer));
        }

        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public void WriteText(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(string.Create(CultureInfo.InvariantCulture, $"questions {Examples}\n"));
        if (Missing > 0) writer.Write(string.Create(CultureInfo.InvariantCulture, $"without a prediction {Missing}\n"));
        foreach (var (name, value) in Figures())
        {
            var isThreshold = name.EndsWith("_thresh", StringComparison.Ordinal);
            writer.Write($"{name} {(isThreshold ? value.ToString("F4", CultureInfo.InvariantCulture) : PlainTable.Percent(value))}\n");
        }
    }

    private static IEnumerable<(string Name, double Value)> Means(List<Scored> scored, string prefix)
    {
        if (scored.Count == 0 && prefix.Length > 0) return [];
        return [($"{prefix}exact", Ratio(scored.Sum(one => one.Exact), scored.Count)),
            ($"{prefix}f1", Ratio(scored.Sum(one => one.F1), scored.Count))];
    }

    private static double Ratio(double sum, long count) => count == 0 ? 0 : sum / count;

    // Answers are let in from the lowest null odds on. The script's score starts with the questions that have no answer, those without a
    // prediction among them, and its threshold with 0.
    private (double Score, double Threshold) Best(Func<Scored, double> score)
    {
        double current = Unanswerable, best = Unanswerable, threshold = 0;
        foreach (var one in _scored.OrderBy(one => one.NullOdds))
        {
            current += one.HasAnswer ? score(one) : one.IsAnswered ? -1 : 0;
            if (current <= best) continue;
            (best, threshold) = (current, one.NullOdds);
        }

        return (Ratio(best, _scored.Count), threshold);
    }

    private readonly record struct Scored(bool HasAnswer, bool IsAnswered, double Exact, double F1, double NullOdds)
    {
        public Scored Unanswered => this with { Exact = HasAnswer ? 0 : 1, F1 = HasAnswer ? 0 : 1 };
    }
}
