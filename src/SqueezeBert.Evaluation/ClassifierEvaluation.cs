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
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        ArgumentNullException.ThrowIfNull(sets);
        var outcomes = Outcomes.For(classifier, labels);
        foreach (var set in sets)
        {
            foreach (var example in set.Examples) outcomes.AddLabel(example, set.Name);
        }

        var total = sets.Sum(set => set.Examples.Count);
        var truncated = new bool[total];
        var done = 0;
        var texts = sets.SelectMany(set => set.Examples).Select(example => new TextPair(example.Text, example.Pair));
        foreach (var answer in classifier.ClassifyStream(texts, cancellationToken: cancellationToken))
        {
            outcomes.AddAnswer(answer);
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
