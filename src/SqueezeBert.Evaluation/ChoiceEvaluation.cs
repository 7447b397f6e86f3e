using System.Globalization;
using System.Text.Json;

namespace SqueezeBert.Evaluation;

/// <summary>A prompt with several choices and the right one.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Choices">The choices, at least one.</param>
/// <param name="Right">The index of the right choice, from 0.</param>
public sealed record ChoiceExample(string Prompt, IReadOnlyList<string> Choices, int Right);

/// <summary>Evaluates multiple-choice models.</summary>
public static class ChoiceEvaluation
{
    /// <summary>Evaluates a model on one or more sets of examples.</summary>
    /// <param name="selector">The model.</param>
    /// <param name="sets">The sets of examples. Their names are used in the results.</param>
    /// <param name="progress">
    /// Receives the progress after each hundredth of the examples, on the calling thread. Null reports nothing.
    /// </param>
    /// <param name="cancellationToken">Cancels the evaluation.</param>
    /// <returns>A <see cref="ChoiceReport"/> for each set and for all sets together.</returns>
    public static EvaluationResult Evaluate(
        ChoiceSelector selector,
        IReadOnlyList<(string Name, IReadOnlyList<ChoiceExample> Examples)> sets,
        IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(selector);
        ArgumentNullException.ThrowIfNull(sets);
        var examples = sets.SelectMany(set => set.Examples).ToList();
        var (right, truncated) = (new bool[examples.Count], new bool[examples.Count]);
        var done = 0;
        foreach (var choice in selector.ChooseStream(
            examples.Select(example => (example.Prompt, example.Choices)), cancellationToken: cancellationToken))
        {
            right[done] = choice.Best.Index == examples[done].Right;
            truncated[done++] = choice.Read.IsTruncated;
            if (progress is not null && (done == examples.Count || done * 100L / examples.Count > (done - 1) * 100L / examples.Count))
                progress.Report(new EvaluationProgress(done, examples.Count));
        }

        var parts = new List<EvaluationPart>(sets.Count);
        var start = 0;
        foreach (var (name, set) in sets)
        {
            parts.Add(Part(name, start, set.Count));
            start += set.Count;
        }

        return new EvaluationResult(parts, Part("all", 0, examples.Count));

        EvaluationPart Part(string name, int first, int count) => new(
            name,
            new ChoiceReport(
                count, Mean(right.AsSpan(first, count).Count(true), count),
                Mean(examples.Skip(first).Take(count).Sum(example => 1.0 / example.Choices.Count), count)),
            truncated.AsSpan(first, count).Count(true));

        static double Mean(double sum, int count) => count == 0 ? 0 : sum / count;
    }
}

/// <summary>The result of evaluating a multiple-choice model.</summary>
/// <param name="Count">The number of examples.</param>
/// <param name="Accuracy">The share of right choices, 0 to 1.</param>
/// <param name="Chance">The accuracy of random choices, 0 to 1.</param>
public sealed record ChoiceReport(int Count, double Accuracy, double Chance) : IEvaluationReport
{
    /// <inheritdoc/>
    public long Examples => Count;

    /// <inheritdoc/>
    public IEnumerable<(string Name, double Value)> Figures() => [("accuracy", Accuracy), ("chance", Chance)];

    /// <summary>Writes one JSON object: examples, accuracy, chance.</summary>
    /// <param name="writer">The writer that receives the object.</param>
    public void WriteJson(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteNumber("examples", Count);
        foreach (var (name, value) in Figures()) writer.WriteNumber(name, value);
        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public void WriteText(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(string.Create(
            CultureInfo.InvariantCulture, $"examples {Count}\naccuracy {100 * Accuracy:F2}\nchance {100 * Chance:F2}\n"));
    }
}
