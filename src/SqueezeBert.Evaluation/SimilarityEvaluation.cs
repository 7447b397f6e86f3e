using System.Globalization;

namespace SqueezeBert.Evaluation;

/// <summary>Compares the vectors of pairs of texts with what people say about them: the figure of the STS data sets.</summary>
public static class SimilarityEvaluation
{
    /// <summary>
    /// Correlates the cosine of the two vectors of each pair with its label. All labels are read before anything is computed.
    /// </summary>
    /// <param name="embedder">Makes the vectors, with the default prompt of its folder.</param>
    /// <param name="sets">Pairs whose labels are numbers, larger for pairs that are more alike.</param>
    /// <param name="progress">Told after every hundredth of the pairs, on the calling thread.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>A <see cref="SimilarityReport"/> for each set and for all pairs together.</returns>
    /// <exception cref="DataFormatException">A label is not a number, or there is no second text; the message names set and
    /// line.</exception>
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
