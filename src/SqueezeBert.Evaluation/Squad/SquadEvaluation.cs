using System.Text.Json;
using SqueezeBert.Evaluation.Squad;
using SqueezeBert.Files;

namespace SqueezeBert.Evaluation;

/// <summary>A model's answer to a question of a data set.</summary>
/// <param name="Id">The id of the question.</param>
/// <param name="Text">The answer, or "" for no answer.</param>
/// <param name="NullOdds">
/// The score of no answer minus the score of the best answer, in logits. Null if the version does not allow no answer.
/// </param>
/// <param name="Answer">The full result, with all answers that were kept.</param>
public sealed record SquadPrediction(string Id, string Text, double? NullOdds, QuestionAnswer Answer);

/// <summary>Evaluates question-answering models.</summary>
public static class SquadEvaluation
{
    /// <summary>
    /// Evaluates a model on one or more sets of questions. In version 2.0, a question has no answer if its null odds are above the
    /// threshold. Otherwise the best answer is compared.
    /// </summary>
    /// <param name="answerer">
    /// The model. Its options determine windows and candidates. Its option for no answer must fit the version.
    /// </param>
    /// <param name="sets">The sets of questions.</param>
    /// <param name="version">The version whose rules are used.</param>
    /// <param name="threshold">The threshold of null odds for no answer, in logits.</param>
    /// <param name="predictions">Receives the predictions, in order. Null if only the figures are needed.</param>
    /// <param name="progress">
    /// Receives the progress after each hundredth of the questions, on the calling thread. Null reports nothing.
    /// </param>
    /// <param name="cancellationToken">Cancels the evaluation.</param>
    /// <returns>A <see cref="SquadReport"/> for each set and for all sets together.</returns>
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
    /// Evaluates what goes without a network: the answer is the sentence of the paragraph that shares most words with the question (BM25
    /// among the paragraph's sentences). In version 2.0, the null odds are the sentence's score times -1, so every question is answered at
    /// the threshold 0, and the best threshold shows what refusing would be worth.
    /// </summary>
    /// <param name="sets">The sets of questions.</param>
    /// <param name="version">The version whose rules are used.</param>
    /// <param name="cancellationToken">Cancels the evaluation. It is checked before each question.</param>
    /// <returns>A <see cref="SquadReport"/> for each set and for all sets together.</returns>
    public static EvaluationResult EvaluateBaseline(
        IReadOnlyList<SquadSet> sets, SquadVersion version, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sets);
        var all = new SquadReport(version, threshold: 0);
        var parts = new List<EvaluationPart>();
        foreach (var set in sets)
        {
            var report = new SquadReport(version, threshold: 0);
            var nearest = new NearestSentence();
            foreach (var question in set.Questions)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (sentence, score) = nearest.Of(question);
                double? odds = version == SquadVersion.V2 ? -score : null;
                var answers = question.Answers.Select(right => right.Text).ToList();
                report.Add(answers, sentence, odds);
                all.Add(answers, sentence, odds);
            }

            parts.Add(new EvaluationPart(set.Name, report, 0));
        }

        return new EvaluationResult(parts, new EvaluationPart("all", all, 0));
    }

    /// <summary>
    /// Writes predictions.json, nbest_predictions.json and, if there are null odds, null_odds.json, in the format of the transformers
    /// scripts.
    /// </summary>
    /// <param name="folder">The folder to write to, which is created if necessary.</param>
    /// <param name="predictions">The predictions.</param>
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
