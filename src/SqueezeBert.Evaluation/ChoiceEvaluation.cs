using System.Globalization;
using System.Text.Json;

namespace SqueezeBert.Evaluation;

/// <summary>A prompt with its choices.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Choices">The choices, at least one.</param>
/// <param name="Right">The number of the right one, from 0.</param>
public sealed record ChoiceExample(string Prompt, IReadOnlyList<string> Choices, int Right);

/// <summary>Chooses and compares.</summary>
public static class ChoiceEvaluation
{
    /// <summary>Evaluates a model on one or more sets of examples.</summary>
    /// <param name="selector">The model.</param>
    /// <param name="sets">What to choose; names are for the results.</param>
    /// <param name="progress">Told after every hundredth of the examples, on the calling thread.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>A <see cref="ChoiceReport"/> for each set and for all together.</returns>
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

/// <summary>What an evaluation says about a model that chooses.</summary>
/// <param name="Count">Examples.</param>
/// <param name="Accuracy">Right choices / examples, in [0, 1].</param>
/// <param name="Chance">What choosing blindly comes to.</param>
public sealed record ChoiceReport(int Count, double Accuracy, double Chance) : IEvaluationReport
{
    /// <inheritdoc/>
    public long Examples => Count;

    /// <inheritdoc/>
    public IEnumerable<(string Name, double Value)> Figures() => [("accuracy", Accuracy), ("chance", Chance)];

    /// <summary>Writes one object: examples, accuracy, chance.</summary>
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
