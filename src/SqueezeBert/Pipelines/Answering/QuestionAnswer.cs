namespace SqueezeBert;

/// <summary>A part of a document that may answer a question.</summary>
/// <param name="Text">document[Start..End].</param>
/// <param name="Start">Its first UTF-16 code unit in the document.</param>
/// <param name="End">One after its last.</param>
/// <param name="Score">Logit of the start and logit of the end, added.</param>
/// <param name="Probability">0..1, among the answers that were kept, and no answer where that is allowed.</param>
public readonly record struct Answer(string Text, int Start, int End, float Score, float Probability);

/// <summary>An <see cref="Answer"/> without its text, for callers that have the document at hand.</summary>
/// <param name="Start">The first UTF-16 code unit in the document.</param>
/// <param name="End">One after the last.</param>
/// <param name="Score">Logit of the start and logit of the end, added.</param>
/// <param name="Probability">0..1, among the answers that were kept, and no answer where that is allowed.</param>
public readonly record struct AnswerSpan(int Start, int End, float Score, float Probability);

/// <summary>What a model answers to one question about one document.</summary>
public sealed class QuestionAnswer
{
    internal QuestionAnswer(IReadOnlyList<Answer> answers, bool hasAnswer)
    {
        Answers = answers;
        Best = hasAnswer && answers.Count > 0 ? answers[0] : null;
    }

    /// <summary>
    /// The best answer; null where the document has none (<see cref="QuestionAnswererOptions.AllowNoAnswer"/>) or no words at all.
    /// </summary>
    public Answer? Best { get; }

    /// <summary>The answers that were kept, best first, no span twice; also those that lost to no answer.</summary>
    public IReadOnlyList<Answer> Answers { get; }

    /// <summary>Score of no answer: the lowest of any window's logits of [CLS], start and end added.</summary>
    public required float NoAnswerScore { get; init; }

    /// <summary>Probability of no answer among the answers that were kept; 0 where no answer is not allowed.</summary>
    public required float NoAnswerProbability { get; init; }

    /// <summary>
    /// <see cref="NoAnswerScore"/> less the score of the best answer ("null_odds" of transformers); positive infinity where there is no
    /// span.
    /// </summary>
    public float NoAnswerMargin => Answers.Count == 0 ? float.PositiveInfinity : NoAnswerScore - Answers[0].Score;

    /// <summary>Windows that the document was read in.</summary>
    public required int WindowCount { get; init; }

    /// <summary>Whether the end of the document was cut off.</summary>
    public required bool IsTruncated { get; init; }

    /// <summary>Whether the end of the question was cut off.</summary>
    public required bool IsQuestionTruncated { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        Best is { } best ? FormattableString.Invariant($"{best.Text} ({best.Probability:0.000})") : "no answer";
}
