using System.Globalization;
using System.Text.Json;
using SqueezeBert.Evaluation.Metrics;

namespace SqueezeBert.Evaluation;

/// <summary>
/// The result of evaluating a model that finds entities: precision, recall and F1 of whole entities. An entity is right if its kind, its
/// first word and its last word are right. The figures are those of seqeval and of the CoNLL script. Not thread-safe while counting.
/// </summary>
/// <param name="mode">How tags are converted to entities.</param>
public sealed class EntityReport(EntityMode mode = EntityMode.Lenient) : IEvaluationReport
{
    private readonly SortedDictionary<string, Counts> _kinds = new(StringComparer.Ordinal);
    private long _rightWords;

    /// <summary>How tags are converted to entities.</summary>
    public EntityMode Mode { get; } = mode;

    /// <summary>The number of sentences.</summary>
    public long Examples { get; private set; }

    /// <summary>The number of words.</summary>
    public long Words { get; private set; }

    /// <summary>The kinds of entities among labels or predictions, in ordinal order.</summary>
    public IReadOnlyList<string> Kinds => [.. _kinds.Keys];

    /// <summary>The share of words with the right tag, 0 to 1. It is 0 without words.</summary>
    public double Accuracy => Words == 0 ? 0 : (double)_rightWords / Words;

    /// <summary>The precision, recall and F1 of the entities of all kinds together.</summary>
    public ClassScores Micro => _kinds.Values.Aggregate(default(Counts), static (sum, kind) => sum.Plus(kind)).Scores;

    /// <summary>Adds a sentence.</summary>
    /// <param name="labels">The true tag of each word.</param>
    /// <param name="predictions">The predicted tag of each word.</param>
    /// <exception cref="ArgumentException">
    /// The lists differ in length, or a tag is not valid for <see cref="EntityTags.Entities"/>.
    /// </exception>
    public void Add(IReadOnlyList<string> labels, IReadOnlyList<string> predictions)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(predictions);
        if (labels.Count != predictions.Count)
            throw new ArgumentException($"{predictions.Count} predictions for {labels.Count} words", nameof(predictions));
        var truth = EntityTags.Entities(labels, Mode);
        var found = EntityTags.Entities(predictions, Mode);
        var wanted = truth.ToHashSet();
        foreach (var entity in truth) Count(entity.Kind, new Counts(0, 1, 0));
        foreach (var entity in found) Count(entity.Kind, new Counts(wanted.Contains(entity) ? 1 : 0, 0, 1));
        for (var i = 0; i < labels.Count; i++)
        {
            if (labels[i] == predictions[i]) _rightWords++;
        }

        Words += labels.Count;
        Examples++;
    }

    /// <summary>Returns the precision, recall, F1 and support of a kind of entities. All are 0 for a kind that does not occur.</summary>
    /// <param name="kind">The kind, such as "PER".</param>
    public ClassScores Scores(string kind) => _kinds.GetValueOrDefault(kind).Scores;

    /// <summary>Returns the F1 of all kinds that occur, or 0 if there are none.</summary>
    /// <param name="averaging">How the kinds are averaged.</param>
    public double F1(Averaging averaging)
    {
        if (averaging == Averaging.Micro) return Micro.F1;
        double sum = 0, weights = 0;
        foreach (var kind in _kinds.Values)
        {
            double weight = averaging == Averaging.Macro ? 1 : kind.Support;
            sum += weight * kind.Scores.F1;
            weights += weight;
        }

        return weights == 0 ? 0 : sum / weights;
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, double Value)> Figures()
    {
        var micro = Micro;
        yield return ("precision", micro.Precision);
        yield return ("recall", micro.Recall);
        yield return ("f1", micro.F1);
        yield return ("macro_f1", F1(Averaging.Macro));
        yield return ("weighted_f1", F1(Averaging.Weighted));
        yield return ("accuracy", Accuracy);
    }

    /// <summary>
    /// Writes one JSON object: examples (sentences), words, precision, recall, f1, macro_f1, weighted_f1, accuracy (of words), classes
    /// [{label, precision, recall, f1, support}].
    /// </summary>
    /// <param name="writer">The writer that receives the object.</param>
    public void WriteJson(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteNumber("examples", Examples);
        writer.WriteNumber("words", Words);
        foreach (var (name, value) in Figures()) writer.WriteNumber(name, value);
        var kinds = Kinds;
        ClassScoresJson.Write(writer, kinds, i => Scores(kinds[i]));
        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public void WriteText(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(string.Create(CultureInfo.InvariantCulture, $"sentences {Examples}\nwords {Words}\n"));
        foreach (var (name, value) in Figures()) writer.Write($"{name} {PlainTable.Percent(value)}\n");
        writer.Write('\n');
        PlainTable.Write(writer, [PlainTable.ClassHeading, .. _kinds.Select(kind => PlainTable.ClassRow(kind.Key, kind.Value.Scores))]);
    }

    private void Count(string kind, Counts counts) => _kinds[kind] = _kinds.GetValueOrDefault(kind).Plus(counts);

    private readonly record struct Counts(long Right, long Support, long Predicted)
    {
        public ClassScores Scores =>
            new(Ratio(Right, Predicted), Ratio(Right, Support), Ratio(2 * Right, Support + Predicted), Support, Predicted);

        public Counts Plus(Counts other) => new(Right + other.Right, Support + other.Support, Predicted + other.Predicted);

        private static double Ratio(long numerator, long denominator) => denominator == 0 ? 0 : (double)numerator / denominator;
    }
}
