namespace SqueezeBert;

/// <summary>A part of a document that may answer a question.</summary>
public readonly record struct Answer
{
    /// <summary>document[<see cref="Start"/>..<see cref="End"/>].</summary>
    public required string Text { get; init; }

    /// <summary>Its first UTF-16 code unit in the document.</summary>
    public required int Start { get; init; }

    /// <summary>One after its last.</summary>
    public required int End { get; init; }

    /// <summary>Logit of the start and logit of the end, added.</summary>
    public required float Score { get; init; }

    /// <summary>0..1, among the answers that were kept, and no answer where that is allowed.</summary>
    public required float Probability { get; init; }
}

/// <summary>An <see cref="Answer"/> without its text, for callers that have the document at hand.</summary>
public readonly record struct AnswerSpan
{
    /// <summary>The first UTF-16 code unit in the document.</summary>
    public required int Start { get; init; }

    /// <summary>One after the last.</summary>
    public required int End { get; init; }

    /// <summary>Logit of the start and logit of the end, added.</summary>
    public required float Score { get; init; }

    /// <summary>0..1, among the answers that were kept, and no answer where that is allowed.</summary>
    public required float Probability { get; init; }
}

/// <summary>What a model answers to one question about one document.</summary>
public sealed class QuestionAnswer
{
    /// <summary>
    /// The best answer; null where the document has none (<see cref="QuestionAnswererOptions.AllowNoAnswer"/>) or no words at all.
    /// </summary>
    public required Answer? Best { get; init; }

    /// <summary>The answers that were kept, best first, no span twice; also those that lost to no answer.</summary>
    public required IReadOnlyList<Answer> Answers { get; init; }

    /// <summary>Score of no answer: the lowest of any window's logits of [CLS], start and end added.</summary>
    public required float NoAnswerScore { get; init; }

    /// <summary>Probability of no answer among the answers that were kept; 0 where no answer is not allowed.</summary>
    public required float NoAnswerProbability { get; init; }

    /// <summary>
    /// <see cref="NoAnswerScore"/> less the score of the best answer ("null_odds" of transformers); positive infinity where there is no
    /// span.
    /// </summary>
    public float NoAnswerMargin => Answers.Count == 0 ? float.PositiveInfinity : NoAnswerScore - Answers[0].Score;

    /// <summary>What was read of question and document.</summary>
    public required ReadInfo Read { get; init; }

    /// <summary>Whether the end of the question was cut off.</summary>
    public required bool IsQuestionTruncated { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        Best is { } best ? FormattableString.Invariant($"{best.Text} ({best.Probability:0.000})") : "no answer";
}
