using SqueezeBert.Checkpoints;

namespace SqueezeBert.Evaluation;

/// <summary>Looks at whether a classifier's model can tell texts of no class from those of one.</summary>
public static class OutOfScopeEvaluation
{
    /// <summary>Compares one less the highest score and, with training texts, the Mahalanobis distance of the vector of [CLS].</summary>
    /// <param name="model">A model for sequence classification.</param>
    /// <param name="inScope">Texts of the model's classes that it was not trained on.</param>
    /// <param name="outOfScope">Texts of none of them.</param>
    /// <param name="training">Training texts and their classes, from which the distance learns; null for none.</param>
    /// <param name="falseRefusals">The share of texts in scope that may be refused, in [0, 1).</param>
    /// <param name="reading">How much of a text is read; null for the defaults.</param>
    /// <param name="head">The head to ask, of a model with several (<see cref="PipelineOptions.Head"/>); null: the only one.</param>
    /// <param name="refusal">
    /// The label that stands for none of the classes ("oos"), of a model that has one: its score is not among those of which the highest
    /// counts. Null: the model has none.
    /// </param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="ArgumentException">The model has no such label.</exception>
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
            var distance = MahalanobisDistance.Fit(
                [.. Embed(embedder, training.Select(one => one.Text))], [.. training.Select(one => one.Class)], cancellationToken);
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
