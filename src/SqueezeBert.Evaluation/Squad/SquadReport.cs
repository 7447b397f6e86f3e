using System.Globalization;
using System.Text.Json;
using SqueezeBert.Evaluation.Metrics;

namespace SqueezeBert.Evaluation;

/// <summary>
/// The official scores of SQuAD 1.1 or 2.0 over a set of questions. They are shares from 0 to 1, while the official scripts print
/// percentages. Not thread-safe while counting.
/// </summary>
/// <param name="version">The version whose rules are used.</param>
/// <param name="threshold">
/// The threshold of null odds for no answer, in version 2.0 only. The official script uses 1, for probabilities.
/// </param>
public sealed class SquadReport(SquadVersion version, double threshold = 1) : IEvaluationReport
{
    private readonly List<Scored> _scored = [];
    private bool _hasOdds;

    /// <summary>The version whose rules are used.</summary>
    public SquadVersion Version { get; } = version;

    /// <summary>The threshold of null odds for no answer.</summary>
    public double Threshold { get; } = threshold;

    /// <summary>
    /// The number of questions that the figures are computed over. In version 2.0 these are the questions with a prediction.
    /// </summary>
    public long Examples => _scored.Count + (Version == SquadVersion.V1 ? Missing : 0);

    /// <summary>The number of questions without a prediction.</summary>
    public long Missing { get; private set; }

    private long Unanswerable { get; set; }

    /// <summary>Adds a question.</summary>
    /// <param name="answers">The right answers. Empty if the question has no answer.</param>
    /// <param name="prediction">The predicted text, "" for no answer, or null without a prediction.</param>
    /// <param name="nullOdds">The score of no answer minus the score of the prediction, or null if it is unknown.</param>
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
    /// Returns exact_match and f1 in version 1.1. In version 2.0, it returns exact and f1, HasAns_… and NoAns_… if there are such
    /// questions, and with null odds also best_exact, best_f1 and their thresholds.
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

    /// <summary>Writes one JSON object: examples, missing and the figures, and in version 2.0 also HasAns_total and NoAns_total.</summary>
    /// <param name="writer">The writer that receives the object.</param>
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
