using System.Globalization;
using System.Text.Json;
using SqueezeBert.Evaluation.Metrics;

namespace SqueezeBert.Evaluation;

/// <summary>
/// The result of evaluating retrieval: nDCG@10, MRR@10 and recall at 1, 10 and 100. Each is the mean over the queries that have a relevant
/// document. Not thread-safe while counting.
/// </summary>
public sealed class RetrievalReport : IEvaluationReport
{
    private const int Depth = 10;
    private static readonly int[] RecallDepths = [1, 10, 100];

    private readonly double[] _recall = new double[RecallDepths.Length];
    private double _ndcg;
    private double _reciprocal;

    /// <summary>The number of the best documents of a query that the figures need.</summary>
    public static int NeededDepth => RecallDepths[^1];

    /// <summary>The number of queries with a relevant document.</summary>
    public long Examples { get; private set; }

    /// <summary>The number of queries without a relevant document, which are ignored.</summary>
    public long Unjudged { get; private set; }

    /// <summary>Adds a query.</summary>
    /// <param name="ranked">The gain of each document that was found, best first. It is 0 for a document that is not relevant.</param>
    /// <param name="judged">The gains of all relevant documents of the query, found or not; each above 0.</param>
    /// <exception cref="ArgumentException">More relevant documents were found than there are in <paramref name="judged"/>.</exception>
    public void Add(ReadOnlySpan<double> ranked, ReadOnlySpan<double> judged)
    {
        var relevant = 0;
        foreach (var gain in judged)
        {
            if (gain > 0) relevant++;
        }

        if (relevant == 0)
        {
            Unjudged++;
            return;
        }

        for (var i = 0; i < _recall.Length; i++) _recall[i] += RetrievalMetrics.Recall(ranked, relevant, RecallDepths[i]);
        _ndcg += RetrievalMetrics.Ndcg(ranked, judged, Depth);
        _reciprocal += RetrievalMetrics.ReciprocalRank(ranked, Depth);
        Examples++;
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, double Value)> Figures()
    {
        var count = Examples == 0 ? double.NaN : Examples;
        yield return ("ndcg_at_10", _ndcg / count);
        yield return ("mrr_at_10", _reciprocal / count);
        for (var i = 0; i < _recall.Length; i++)
            yield return (string.Create(CultureInfo.InvariantCulture, $"recall_at_{RecallDepths[i]}"), _recall[i] / count);
    }

    /// <summary>Writes one JSON object: examples (queries), unjudged and the figures, which are null without queries.</summary>
    /// <param name="writer">The writer that receives the object.</param>
    public void WriteJson(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteNumber("examples", Examples);
        writer.WriteNumber("unjudged", Unjudged);
        FiguresJson.Write(writer, Figures());

        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public void WriteText(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(string.Create(CultureInfo.InvariantCulture, $"queries {Examples}\n"));
        if (Unjudged > 0) writer.Write(string.Create(CultureInfo.InvariantCulture, $"without a relevant document {Unjudged}\n"));
        foreach (var (name, value) in Figures()) writer.Write($"{name} {PlainTable.Percent(value)}\n");
    }
}
