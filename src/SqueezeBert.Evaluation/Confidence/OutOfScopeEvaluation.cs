using SqueezeBert.Checkpoints;

namespace SqueezeBert.Evaluation;

/// <summary>Evaluates whether a classifier's model can distinguish texts that belong to none of its classes.</summary>
public static class OutOfScopeEvaluation
{
    /// <summary>
    /// Compares two detectors of out-of-scope texts: one minus the highest score and, if training texts are given, the Mahalanobis distance
    /// of the vector of [CLS].
    /// </summary>
    /// <param name="model">A model with a sequence-classification head.</param>
    /// <param name="inScope">Texts of the model's classes, which it was not trained on.</param>
    /// <param name="outOfScope">Texts that belong to none of the classes.</param>
    /// <param name="training">
    /// Training texts with their classes, which the distance is fitted on. Those of the label <paramref name="refusal"/> are ignored, since
    /// they belong to no class. Null leaves the distance out.
    /// </param>
    /// <param name="falseRefusals">The share of in-scope texts that may be refused, from 0 to below 1.</param>
    /// <param name="reading">How much of each text is read. Null uses the defaults.</param>
    /// <param name="head">The named head to use (<see cref="PipelineOptions.Head"/>). Null uses the only one that fits.</param>
    /// <param name="refusal">
    /// The label for texts of no class ("oos"), if the model has one. Its score is not considered for the highest score. Null means that
    /// the model has no such label.
    /// </param>
    /// <param name="cancellationToken">Cancels the evaluation.</param>
    /// <returns>The report.</returns>
    /// <exception cref="ArgumentException">The model has no label of that name.</exception>
    public static OutOfScopeReport Evaluate(
        InferenceModel model,
        IReadOnlyList<string> inScope,
        IReadOnlyList<string> outOfScope,
        IReadOnlyList<(string Text, int Class)>? training = null,
        double falseRefusals = 0.05,
        ReadingOptions? reading = null,
        string? head = null,
        string? refusal = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inScope);
        ArgumentNullException.ThrowIfNull(outOfScope);
        var options = new TextClassifierOptions { Reading = reading ?? new ReadingOptions(), Head = head };
        using var classifier = new TextClassifier(model, options);
        if (refusal is not null && !classifier.Labels.Contains(refusal))
            throw new ArgumentException($"the model has no label '{refusal}'", nameof(refusal));
        var detectors = new List<(string, double, double, double)> { Detector("softmax", Unsureness) };
        if (training is not null)
        {
            using var embedder = new TextEmbedder(model, new TextEmbedderOptions
            {
                Reading = options.Reading,
                Pooling = SentencePooling.Cls,
                Normalize = false,
            });
            var known = training.Where(one => refusal is null || classifier.Labels[one.Class] != refusal).ToList();
            var distance = MahalanobisDistance.Fit(
                [.. Embed(embedder, known.Select(one => one.Text))], [.. known.Select(one => one.Class)], cancellationToken);
            detectors.Add(Detector("mahalanobis", texts => [.. Embed(embedder, texts).Select(vector => distance.Of(vector.Span))]));
        }

        return new OutOfScopeReport(inScope.Count, outOfScope.Count, falseRefusals, detectors);

        double[] Unsureness(IEnumerable<string> texts) =>
            [.. classifier.ClassifyStream(texts, cancellationToken: cancellationToken)
                .Select(answer => 1.0 - answer.Labels.Where(label => label.Label != refusal).Max(label => label.Score))];

        IEnumerable<ReadOnlyMemory<float>> Embed(TextEmbedder embedder, IEnumerable<string> texts) =>
            embedder.EmbedStream(texts, cancellationToken: cancellationToken).Select(embedding => embedding.Vector);

        (string, double, double, double) Detector(string name, Func<IEnumerable<string>, double[]> score)
        {
            var (inside, outside) = (score(inScope), score(outOfScope));
            var recall = OutOfScopeMetrics.Recall(inside, outside, falseRefusals, out var threshold);
            return (name, OutOfScopeMetrics.Auroc(inside, outside), recall, threshold);
        }
    }
}
