using System.Text.Json;
using SqueezeBert.Files;

namespace SqueezeBert.Evaluation;

/// <summary>What a model answers to a question of a data set.</summary>
/// <param name="Id">The question.</param>
/// <param name="Text">The answer; "" for none.</param>
/// <param name="NullOdds">How much better no answer is than the best one, in logits; null where the version has no such answer.</param>
/// <param name="Answer">All that was kept, best first.</param>
public sealed record SquadPrediction(string Id, string Text, double? NullOdds, QuestionAnswer Answer);

/// <summary>Answers questions and compares.</summary>
public static class SquadEvaluation
{
    /// <summary>
    /// Evaluates a model on one or more sets of questions. In version 2.0 the best answer is compared wherever the null odds are not above
    /// the threshold.
    /// </summary>
    /// <param name="answerer">
    /// The model. Its options decide on windows and candidates; the ones on no answer are to fit the version.
    /// </param>
    /// <param name="sets">What to answer.</param>
    /// <param name="version">Whose rules count.</param>
    /// <param name="threshold">Null odds above this mean no answer; in logits.</param>
    /// <param name="predictions">Gets what was predicted, in order; null where only figures are wanted.</param>
    /// <param name="progress">Told after every hundredth of the questions, on the calling thread.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>A <see cref="SquadReport"/> for each set and for all together.</returns>
    public static EvaluationResult Evaluate(
        QuestionAnswerer answerer,
        IReadOnlyList<SquadSet> sets,
        SquadVersion version,
        double threshold = 0,
        ICollection<SquadPrediction>? predictions = null,
        IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(answerer);
        ArgumentNullException.ThrowIfNull(sets);
        var reports = sets.Select(_ => new SquadReport(version, threshold)).ToList();
        var all = new SquadReport(version, threshold);
        var truncated = new int[sets.Count];
        var questions = sets.SelectMany((set, number) => set.Questions.Select(question => (question, number))).ToList();
        var done = 0;
        foreach (var answer in answerer.AnswerStream(
            questions.Select(one => (one.question.Question, one.question.Context)), cancellationToken: cancellationToken))
        {
            var (question, set) = questions[done++];
            var best = answer.Answers.Count == 0 ? "" : answer.Answers[0].Text;
            double? odds = version == SquadVersion.V2 ? answer.NoAnswerMargin : null;
            var answers = question.Answers.Select(right => right.Text).ToList();
            reports[set].Add(answers, best, odds);
            all.Add(answers, best, odds);
            if (answer.Read.IsTruncated || answer.IsQuestionTruncated) truncated[set]++;
            predictions?.Add(new SquadPrediction(question.Id, odds > threshold ? "" : best, odds, answer));
            if (progress is not null && (done == questions.Count || done * 100L / questions.Count > (done - 1) * 100L / questions.Count))
                progress.Report(new EvaluationProgress(done, questions.Count));
        }

        return new EvaluationResult(
            [.. sets.Select((set, number) => new EvaluationPart(set.Name, reports[number], truncated[number]))],
            new EvaluationPart("all", all, truncated.Sum()));
    }

    /// <summary>
    /// Writes predictions.json, nbest_predictions.json and, where there are null odds, null_odds.json, in the form of the scripts of
    /// transformers.
    /// </summary>
    /// <param name="folder">Where to; made where it is missing.</param>
    /// <param name="predictions">What was predicted.</param>
    public static void Write(string folder, IReadOnlyCollection<SquadPrediction> predictions)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(predictions);
        WriteObject("predictions.json", (writer, one) => writer.WriteString(one.Id, one.Text));
        WriteObject("nbest_predictions.json", WriteBest);
        if (predictions.Any(one => one.NullOdds is not null))
        {
            WriteObject("null_odds.json", (writer, one) =>
            {
                // JSON has no infinity, which a document without any words comes to.
                if (one.NullOdds is { } odds) writer.WriteNumber(one.Id, Math.Min(odds, float.MaxValue));
            });
        }

        void WriteObject(string name, Action<Utf8JsonWriter, SquadPrediction> write) => AtomicFile.Write(
            Path.Combine(folder, name), stream =>
            {
                using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
                writer.WriteStartObject();
                foreach (var one in predictions) write(writer, one);
                writer.WriteEndObject();
            });
    }

    private static void WriteBest(Utf8JsonWriter writer, SquadPrediction prediction)
    {
        writer.WriteStartArray(prediction.Id);
        var answer = prediction.Answer;
        var kept = answer.Answers.Select(one => (one.Text, one.Score, one.Probability)).ToList();
        if (prediction.NullOdds is not null) kept.Add(("", answer.NoAnswerScore, answer.NoAnswerProbability));
        foreach (var (text, score, probability) in kept.OrderByDescending(one => one.Score))
        {
            writer.WriteStartObject();
            writer.WriteString("text", text);
            writer.WriteNumber("score", float.IsFinite(score) ? score : float.MaxValue);
            writer.WriteNumber("probability", probability);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
