namespace SqueezeBert.Evaluation;

/// <summary>Evaluates text classifiers on labelled texts.</summary>
public static class ClassifierEvaluation
{
    /// <summary>Evaluates a model on one or more sets of examples. All labels are checked before anything is computed.</summary>
    /// <param name="classifier">The model. Its problem type determines the kind of report.</param>
    /// <param name="sets">The sets of examples. Their names are used in messages and results.</param>
    /// <param name="labels">
    /// How the data write the labels. Null uses the label names and numbers of the model (<see cref="LabelList"/>). White space around a
    /// label is ignored, as in training. A list with fewer labels than a single-label model has, in the same order, makes the model decide
    /// between these: the scores of its other labels are left out. Not used for regression.
    /// </param>
    /// <param name="progress">
    /// Receives the progress after each hundredth of the examples, on the calling thread. Null reports nothing.
    /// </param>
    /// <param name="answers">Receives the prediction for each example, in order. Null if only the figures are needed.</param>
    /// <param name="cancellationToken">Cancels the evaluation.</param>
    /// <returns>A report for each set and for all sets together.</returns>
    /// <exception cref="DataFormatException">
    /// A label is unknown, or it is not a number although the model predicts numbers. The message names the set and the line.
    /// </exception>
    /// <exception cref="SqueezeBert.Checkpoints.UnsupportedModelException">
    /// The model is a regression model with several outputs.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// <paramref name="labels"/> has a label that the model does not have, or another order, or two labels of the model have the same name.
    /// </exception>
    public static EvaluationResult Evaluate(
        TextClassifier classifier,
        IReadOnlyList<EvaluationSet> sets,
        LabelList? labels = null,
        IProgress<EvaluationProgress>? progress = null,
        ICollection<Classification>? answers = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        ArgumentNullException.ThrowIfNull(sets);
        var texts = sets.SelectMany(set => set.Examples).Select(example => new TextPair(example.Text, example.Pair));
        return Compare(
            Outcomes.For(classifier, labels), sets, () => classifier.ClassifyStream(texts, cancellationToken: cancellationToken), progress,
            answers);
    }

    /// <summary>
    /// Evaluates a linear model in the same way as <see cref="Evaluate"/>. The result shows what the same texts yield without a neural
    /// network.
    /// </summary>
    /// <param name="baseline">The model, trained on the training set.</param>
    /// <param name="sets">The sets of examples. Their names are used in messages and results.</param>
    /// <param name="labels">The labels in the order of the model's classes, and how the data write them.</param>
    /// <param name="isMultiLabel">Whether a text has any number of labels.</param>
    /// <param name="cancellationToken">Cancels the evaluation.</param>
    /// <returns>A report for each set and for all sets together.</returns>
    /// <exception cref="DataFormatException">A label is unknown. The message names the set and the line.</exception>
    /// <exception cref="ArgumentException"><paramref name="labels"/> has another number of labels than the model has classes.</exception>
    public static EvaluationResult EvaluateBaseline(
        LinearTextClassifier baseline,
        IReadOnlyList<EvaluationSet> sets,
        LabelList labels,
        bool isMultiLabel = false,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentNullException.ThrowIfNull(sets);
        ArgumentNullException.ThrowIfNull(labels);
        if (baseline.ClassCount != labels.Names.Count)
            throw new ArgumentException($"{labels.Names.Count} labels for {baseline.ClassCount} classes", nameof(labels));
        return Compare(Outcomes.For(labels, isMultiLabel), sets, Answers, null, null);

        IEnumerable<Classification> Answers()
        {
            foreach (var example in sets.SelectMany(set => set.Examples))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return Classification.Of(labels.Names, baseline.Predict(example.Text, example.Pair), default);
            }
        }
    }

    private static EvaluationResult Compare(
        Outcomes outcomes, IReadOnlyList<EvaluationSet> sets, Func<IEnumerable<Classification>> predict,
        IProgress<EvaluationProgress>? progress, ICollection<Classification>? answers)
    {
        foreach (var set in sets)
        {
            foreach (var example in set.Examples) outcomes.AddLabel(example, set.Name);
        }

        var total = sets.Sum(set => set.Examples.Count);
        var truncated = new bool[total];
        var done = 0;
        foreach (var answer in predict())
        {
            outcomes.AddAnswer(answer);
            answers?.Add(answer);
            truncated[done++] = answer.Read.IsTruncated;
            if (progress is not null && (done == total || done * 100L / total > (done - 1) * 100L / total))
                progress.Report(new EvaluationProgress(done, total));
        }

        var parts = new List<EvaluationPart>(sets.Count);
        var start = 0;
        foreach (var set in sets)
        {
            parts.Add(Part(set.Name, start, set.Examples.Count));
            start += set.Examples.Count;
        }

        return new EvaluationResult(parts, Part("all", 0, total));

        EvaluationPart Part(string name, int first, int count) =>
            new(name, outcomes.Report(first, count), truncated.AsSpan(first, count).Count(true));
    }
}

/// <summary>A set of examples that are evaluated together.</summary>
/// <param name="Name">The name of the file, or any other name.</param>
/// <param name="Examples">The examples.</param>
public sealed record EvaluationSet(string Name, IReadOnlyList<TextExample> Examples);

/// <summary>The progress of an evaluation.</summary>
/// <param name="Done">The number of examples that are done.</param>
/// <param name="Total">The total number of examples.</param>
public readonly record struct EvaluationProgress(int Done, int Total);

/// <summary>The result of an evaluation.</summary>
/// <param name="Parts">The result of each set, in the order of the sets.</param>
/// <param name="All">The result of all examples together.</param>
public sealed record EvaluationResult(IReadOnlyList<EvaluationPart> Parts, EvaluationPart All);

/// <summary>The result of one set of examples.</summary>
/// <param name="Name">The name of the set.</param>
/// <param name="Report">The figures.</param>
/// <param name="Truncated">The number of examples that were truncated because they have more tokens than the model reads.</param>
public sealed record EvaluationPart(string Name, IEvaluationReport Report, int Truncated);
