using SqueezeBert.Evaluation;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Distillation;

namespace SqueezeBert.Training.Tasks.Towers;

/// <summary>
/// How well each held-out query finds its own text among all held-out texts, whatever batch they were in. Texts that are equal are one.
/// </summary>
internal sealed class RetrievalFigures(Loss loss, int textsOfExample, GradientSession session) : HeldOutFigures
{
    private readonly List<(int Text, float[] Vector, int Right)> _queries = [];
    private readonly Dictionary<int, float[]> _documents = [];
    private LossSum _total;

    public override void Add(MicroBatch batch, ReadOnlySpan<int> examples)
    {
        var rows = session.Output(StudentGraph.Vector).ForValue();
        _total += loss.Compute(rows, new LossTarget(batch.Labels), session.Pool);
        for (var i = 0; i < examples.Length; i++)
        {
            var texts = batch.Labels.Classes.Slice(i * textsOfExample, textsOfExample);
            _queries.Add((texts[0], VectorRows.Direction(rows, i * textsOfExample), texts[1]));
            for (var k = 1; k < textsOfExample; k++)
                _documents.TryAdd(texts[k], VectorRows.Direction(rows, (i * textsOfExample) + k));
        }
    }

    public override EvaluationSummary Summary(CancellationToken cancellationToken)
    {
        var report = new RetrievalReport();
        var first = 0;
        var rights = _queries.ToLookup(query => query.Text, query => query.Right);
        var documents = _documents.OrderBy(document => document.Key).ToList();
        foreach (var (text, vector, _) in _queries.DistinctBy(query => query.Text))
        {
            cancellationToken.ThrowIfCancellationRequested();

            // A query that is among the documents finds itself first, which says nothing.
            var right = rights[text].ToHashSet();
            var ranked = documents.Where(document => document.Key != text || right.Contains(text))
                .Select(document => (document.Key, Cosine: VectorRows.Product(vector, document.Value)))
                .OrderByDescending(document => document.Cosine).Take(RetrievalReport.NeededDepth)
                .Select(document => right.Contains(document.Key) ? 1.0 : 0).ToArray();
            first += ranked is [> 0, ..] ? 1 : 0;
            report.Add(ranked, Enumerable.Repeat(1.0, right.Count).ToArray());
        }

        var figures = report.Figures().Where(figure => figure.Name is "mrr_at_10" or "ndcg_at_10" or "recall_at_10")
            .ToDictionary(figure => figure.Name, figure => figure.Value);
        figures["accuracy_at_1"] = report.Examples == 0 ? 0 : (double)first / report.Examples;
        return new EvaluationSummary(_total.Mean, null, report.Examples, new Dictionary<string, double>())
        {
            Figures = new SortedDictionary<string, double>(figures, StringComparer.Ordinal),
        };
    }
}
