namespace SqueezeBert.Evaluation;

/// <summary>Predicts labelled texts and compares.</summary>
public static class ClassifierEvaluation
{
    /// <summary>Evaluates a model on one or more sets of examples. All labels are looked up before anything is computed.</summary>
    /// <param name="classifier">The model; its problem type decides on the kind of report.</param>
    /// <param name="sets">What to predict; names are for messages and results.</param>
    /// <param name="labels">How the data write the labels; null for the model's names and numbers (<see cref="LabelList"/>). White space
    /// around a label is not looked at, as in training. Not used for a regression.</param>
    /// <param name="progress">Told after every hundredth of the examples, on the calling thread.</param>
    /// <param name="answers">Gets the answer to each example, in order; null where only figures are wanted.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="DataFormatException">A label is unknown, or no number where the model predicts one; the message names set and
    /// line.</exception>
    /// <exception cref="SqueezeBert.Checkpoints.UnsupportedModelException">The model is a regression with several outputs.</exception>
    /// <exception cref="ArgumentException"><paramref name="labels"/> has not as many labels as the model, or two labels of the model have
    /// one name.</exception>
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
    /// Evaluates a linear model as <see cref="Evaluate"/> does another one: what the same texts come to without any network.
    /// </summary>
    /// <param name="baseline">Learnt from the training set.</param>
    /// <param name="sets">What to predict.</param>
    /// <param name="labels">The labels in the order of the model's classes, and how the data write them.</param>
    /// <param name="isMultiLabel">Whether a text has any number of labels.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="DataFormatException">A label is unknown; the message names set and line.</exception>
    /// <exception cref="ArgumentException">There are not as many labels as classes.</exception>
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

/// <summary>Examples that are evaluated together.</summary>
/// <param name="Name">Their file, or any other name.</param>
/// <param name="Examples">The examples.</param>
public sealed record EvaluationSet(string Name, IReadOnlyList<TextExample> Examples);

/// <summary>How far an evaluation has come.</summary>
/// <param name="Done">Examples predicted.</param>
/// <param name="Total">Examples in all.</param>
public readonly record struct EvaluationProgress(int Done, int Total);

/// <summary>What an evaluation came to.</summary>
/// <param name="Parts">The result of each set, in their order.</param>
/// <param name="All">The result of all examples together.</param>
public sealed record EvaluationResult(IReadOnlyList<EvaluationPart> Parts, EvaluationPart All);

/// <summary>The result of a set.</summary>
/// <param name="Name">The set's name.</param>
/// <param name="Report">The figures.</param>
/// <param name="Truncated">Examples whose end was cut off because they have more tokens than the classifier reads.</param>
public sealed record EvaluationPart(string Name, IEvaluationReport Report, int Truncated);
