namespace SqueezeBert;

/// <summary>A part of a document that may answer a question.</summary>
public readonly record struct Answer
{
    /// <summary>The text of the answer: document[<see cref="Start"/>..<see cref="End"/>].</summary>
    public required string Text { get; init; }

    /// <summary>The index of its first UTF-16 code unit in the document.</summary>
    public required int Start { get; init; }

    /// <summary>The index after its last UTF-16 code unit in the document.</summary>
    public required int End { get; init; }

    /// <summary>The sum of the start logit and the end logit.</summary>
    public required float Score { get; init; }

    /// <summary>
    /// The probability of the answer, 0 to 1. It is computed among the answers that were kept and, if no answer is allowed, the option of
    /// no answer.
    /// </summary>
    public required float Probability { get; init; }
}

/// <summary>An <see cref="Answer"/> without its text, for callers that have the document.</summary>
public readonly record struct AnswerSpan
{
    /// <summary>The index of its first UTF-16 code unit in the document.</summary>
    public required int Start { get; init; }

    /// <summary>The index after its last UTF-16 code unit in the document.</summary>
    public required int End { get; init; }

    /// <summary>The sum of the start logit and the end logit.</summary>
    public required float Score { get; init; }

    /// <summary>
    /// The probability of the answer, 0 to 1. It is computed among the answers that were kept and, if no answer is allowed, the option of
    /// no answer.
    /// </summary>
    public required float Probability { get; init; }
}

/// <summary>The result of one question about one document.</summary>
public sealed class QuestionAnswer
{
    /// <summary>
    /// The best answer. Null if the document has no answer (see <see cref="QuestionAnswererOptions.AllowNoAnswer"/>) or no words.
    /// </summary>
    public required Answer? Best { get; init; }

    /// <summary>
    /// The answers that were kept, best first, without duplicate spans. They are present even if the result is no answer.
    /// </summary>
    public required IReadOnlyList<Answer> Answers { get; init; }

    /// <summary>
    /// The score of no answer: the sum of the start logit and the end logit of [CLS], and the lowest such sum of all windows.
    /// </summary>
    public required float NoAnswerScore { get; init; }

    /// <summary>The probability of no answer among the answers that were kept, 0 to 1. It is 0 if no answer is not allowed.</summary>
    public required float NoAnswerProbability { get; init; }

    /// <summary>
    /// <see cref="NoAnswerScore"/> minus the score of the best answer ("null_odds" of transformers). Positive infinity if there is no
    /// answer span.
    /// </summary>
    public float NoAnswerMargin => Answers.Count == 0 ? float.PositiveInfinity : NoAnswerScore - Answers[0].Score;

    /// <summary>How much of the question and the document was read.</summary>
    public required ReadInfo Read { get; init; }

    /// <summary>Whether the end of the question was cut off.</summary>
    public required bool IsQuestionTruncated { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        Best is { } best ? FormattableString.Invariant($"{best.Text} ({best.Probability:0.000})") : "no answer";
}
