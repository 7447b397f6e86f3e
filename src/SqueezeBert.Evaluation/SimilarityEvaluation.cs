using System.Globalization;

namespace SqueezeBert.Evaluation;

/// <summary>Evaluates how well vectors of text pairs agree with human similarity scores, as for the STS data sets.</summary>
public static class SimilarityEvaluation
{
    /// <summary>
    /// Correlates the cosine similarity of each pair's vectors with its label. All labels are read before anything is computed.
    /// </summary>
    /// <param name="embedder">The model that makes the vectors. The default prompt of its folder is used.</param>
    /// <param name="sets">The sets of pairs. The labels are numbers, which are larger for more similar pairs.</param>
    /// <param name="progress">Receives the progress after each hundredth of the pairs, on the calling thread. Null reports nothing.</param>
    /// <param name="cancellationToken">Cancels the evaluation.</param>
    /// <returns>A <see cref="SimilarityReport"/> for each set and for all pairs together.</returns>
    /// <exception cref="DataFormatException">
    /// A label is not a number, or a pair has no second text. The message names the set and the line.
    /// </exception>
    public static EvaluationResult Evaluate(
        TextEmbedder embedder,
        IReadOnlyList<EvaluationSet> sets,
        IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(embedder);
        ArgumentNullException.ThrowIfNull(sets);
        var labels = sets.SelectMany(set => set.Examples.Select(example => Label(example, set.Name))).ToArray();
        var cosines = new double[labels.Length];
        var truncated = new bool[labels.Length];
        var texts = sets.SelectMany(set => set.Examples).SelectMany(example => (string[])[example.Text, example.Pair!]);
        TextEmbedding? first = null;
        var done = 0;
        foreach (var embedding in embedder.EmbedStream(texts, cancellationToken: cancellationToken))
        {
            if (first is null)
            {
                first = embedding;
                continue;
            }

            cosines[done] = first.Similarity(embedding);
            truncated[done++] = first.Read.IsTruncated || embedding.Read.IsTruncated;
            first = null;
            if (progress is not null && (done == labels.Length || done * 100L / labels.Length > (done - 1) * 100L / labels.Length))
                progress.Report(new EvaluationProgress(done, labels.Length));
        }

        var parts = new List<EvaluationPart>(sets.Count);
        var start = 0;
        foreach (var set in sets)
        {
            parts.Add(Part(set.Name, start, set.Examples.Count));
            start += set.Examples.Count;
        }

        return new EvaluationResult(parts, Part("all", 0, labels.Length));

        EvaluationPart Part(string name, int from, int count) => new(
            name, SimilarityReport.Of(labels.AsSpan(from, count), cosines.AsSpan(from, count)), truncated.AsSpan(from, count).Count(true));
    }

    private static double Label(TextExample example, string file)
    {
        if (example.Pair is null) throw new DataFormatException(file, example.Line, "has no second text, which a similarity needs");
        return double.TryParse(example.Label, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : throw new DataFormatException(file, example.Line, $"'{example.Label}' is not a number, which the label of a similarity is");
    }
}
