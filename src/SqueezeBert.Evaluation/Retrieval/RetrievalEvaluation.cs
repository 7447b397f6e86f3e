using System.Globalization;

namespace SqueezeBert.Evaluation;

/// <summary>
/// Evaluates retrieval: documents are found for queries and compared with judgements. As in BEIR (Thakur et al., 2021), a document with the
/// id of the query is never found: in its sets such a document is the query itself.
/// </summary>
public static class RetrievalEvaluation
{
    /// <summary>Evaluates a model. The vector of each query is compared with the vectors of all documents by cosine similarity.</summary>
    /// <param name="embedder">The model that makes the vectors.</param>
    /// <param name="set">The documents, queries and judgements.</param>
    /// <param name="queryPrompt">The name of the folder's prompt for queries. Null uses the default prompt.</param>
    /// <param name="documentPrompt">The name of the folder's prompt for documents. Null uses the default prompt.</param>
    /// <param name="queryEmbedder">
    /// The model that makes the vectors of queries, if it differs from that of the documents. An example is a small student that searches
    /// an index of its teacher. Null uses <paramref name="embedder"/> for both.
    /// </param>
    /// <param name="progress">Receives the progress after each hundredth of the texts, on the calling thread. Null reports nothing.</param>
    /// <param name="cancellationToken">Cancels the evaluation.</param>
    /// <returns>A <see cref="RetrievalReport"/>.</returns>
    /// <exception cref="ArgumentException">The vectors of the two models have different lengths.</exception>
    public static EvaluationPart Evaluate(
        TextEmbedder embedder,
        RetrievalSet set,
        string? queryPrompt = null,
        string? documentPrompt = null,
        TextEmbedder? queryEmbedder = null,
        IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(embedder);
        ArgumentNullException.ThrowIfNull(set);
        queryEmbedder ??= embedder;
        if (queryEmbedder.Dimensions != embedder.Dimensions)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"a query has {queryEmbedder.Dimensions} numbers and a document {embedder.Dimensions}; they cannot be compared"),
                nameof(queryEmbedder));
        }

        var truncated = 0;
        var (done, total) = (0, set.Documents.Count + set.Queries.Count);
        List<float[]> documents = [.. Embed(embedder, set.Documents, documentPrompt)];
        List<float[]> queries = [.. Embed(queryEmbedder, set.Queries, queryPrompt)];
        var report = new RetrievalReport();
        for (var i = 0; i < queries.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Add(report, set, i, Nearest(documents, queries[i], set.Documents, set.Queries[i].Id));
        }

        return new EvaluationPart(set.Name, report, truncated);

        IEnumerable<float[]> Embed(TextEmbedder model, IReadOnlyList<(string Id, string Text)> texts, string? prompt)
        {
            foreach (var embedding in model.EmbedStream(texts.Select(text => text.Text), prompt, cancellationToken: cancellationToken))
            {
                if (embedding.Read.IsTruncated) truncated++;
                done++;
                if (progress is not null && (done == total || done * 100L / total > (done - 1) * 100L / total))
                    progress.Report(new EvaluationProgress(done, total));
                yield return Normalized(embedding.Vector.Span);
            }
        }
    }

    /// <summary>Evaluates BM25, which shows what can be found by words alone.</summary>
    /// <param name="set">The documents, queries and judgements.</param>
    /// <param name="cancellationToken">Cancels the evaluation.</param>
    /// <returns>A <see cref="RetrievalReport"/>.</returns>
    public static EvaluationPart EvaluateBaseline(RetrievalSet set, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        var ids = set.Documents.Select(document => document.Id).ToHashSet(StringComparer.Ordinal);
        var index = new Bm25Index([.. set.Documents.Select(document => document.Text)], cancellationToken);
        var report = new RetrievalReport();
        for (var i = 0; i < set.Queries.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var id = set.Queries[i].Id;
            var found = index.Rank(set.Queries[i].Text, RetrievalReport.NeededDepth + (ids.Contains(id) ? 1 : 0));
            Add(report, set, i, found.Select(one => one.Document).Where(document => set.Documents[document].Id != id)
                .Take(RetrievalReport.NeededDepth));
        }

        return new EvaluationPart(set.Name, report, 0);
    }

    private static void Add(RetrievalReport report, RetrievalSet set, int query, IEnumerable<int> found)
    {
        var relevant = set.Judgements[set.Queries[query].Id];
        report.Add([.. found.Select(document => relevant.GetValueOrDefault(set.Documents[document].Id))], [.. relevant.Values]);
    }

    // Best first; of equal ones the first of the file.
    private static IEnumerable<int> Nearest(
        List<float[]> documents, float[] query, IReadOnlyList<(string Id, string Text)> texts, string queryId)
    {
        var best = new PriorityQueue<int, (double Score, int Place)>();
        for (var i = 0; i < documents.Count; i++)
        {
            if (texts[i].Id == queryId) continue;
            var vector = documents[i];
            var dot = 0.0;
            for (var k = 0; k < vector.Length; k++) dot += (double)vector[k] * query[k];
            if (best.Count < RetrievalReport.NeededDepth) best.Enqueue(i, (dot, -i));
            else best.EnqueueDequeue(i, (dot, -i));
        }

        var order = new int[best.Count];
        for (var i = order.Length - 1; i >= 0; i--) order[i] = best.Dequeue();
        return order;
    }

    private static float[] Normalized(ReadOnlySpan<float> vector)
    {
        var length = 0.0;
        foreach (var value in vector) length += (double)value * value;
        var result = new float[vector.Length];
        if (length == 0) return result;
        for (var i = 0; i < result.Length; i++) result[i] = (float)(vector[i] / Math.Sqrt(length));
        return result;
    }
}
