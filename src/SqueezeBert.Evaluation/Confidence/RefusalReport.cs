using System.Text.Json;
using SqueezeBert.Evaluation.Metrics;

namespace SqueezeBert.Evaluation;

/// <summary>What a classifier is worth that has a label for texts it cannot tell, such as "neutral" beside "negative" and "positive".</summary>
/// <param name="Examples">Texts that have one of the other labels.</param>
/// <param name="Coverage">The share of them that gets one of the other labels; in [0, 1].</param>
/// <param name="AnsweredAccuracy">The share of these answers that is right; NaN where there are none.</param>
/// <param name="ForcedAccuracy">
/// The share of all texts that is right where the best of the other labels is taken: the accuracy of a classifier that must decide.
/// </param>
public sealed record RefusalReport(long Examples, double Coverage, double AnsweredAccuracy, double ForcedAccuracy) : IEvaluationReport
{
    /// <summary>Counts the answers of a classifier.</summary>
    /// <param name="answers">What the classifier said of each text.</param>
    /// <param name="labels">The label of each text, by its name. Texts whose label is <paramref name="refusal"/> are left out.</param>
    /// <param name="refusal">The classifier's label for texts that it cannot tell.</param>
    /// <exception cref="ArgumentException">There are not as many labels as answers.</exception>
    public static RefusalReport Of(IReadOnlyList<Classification> answers, IReadOnlyList<string> labels, string refusal)
    {
        ArgumentNullException.ThrowIfNull(answers);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(refusal);
        if (answers.Count != labels.Count) throw new ArgumentException($"{labels.Count} labels for {answers.Count} texts", nameof(labels));
        long examples = 0, answered = 0, right = 0, forced = 0;
        for (var i = 0; i < answers.Count; i++)
        {
            if (labels[i] == refusal) continue;
            examples++;
            if (answers[i].Label != refusal)
            {
                answered++;
                if (answers[i].Label == labels[i]) right++;
            }

            if (answers[i].Labels.Where(label => label.Label != refusal).OrderByDescending(label => label.Score).Select(label => label.Label)
                .FirstOrDefault() == labels[i]) forced++;
        }

        return new RefusalReport(examples, Share(answered, examples), Share(right, answered), Share(forced, examples));
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, double Value)> Figures() =>
        [("coverage", Coverage), ("answered_accuracy", AnsweredAccuracy), ("forced_accuracy", ForcedAccuracy)];

    /// <summary>Writes one object: examples, coverage, answered_accuracy, forced_accuracy.</summary>
    public void WriteJson(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteNumber("examples", Examples);
        FiguresJson.Write(writer, Figures());
        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public void WriteText(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        PlainTable.Write(writer, [["texts", "answered", "right of these", "right without refusals"],
            [$"{Examples}", PlainTable.Percent(Coverage), PlainTable.Percent(AnsweredAccuracy), PlainTable.Percent(ForcedAccuracy)]]);
    }

    private static double Share(long part, long all) => (double)part / all;
}
