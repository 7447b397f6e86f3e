namespace SqueezeBert;

/// <summary>
/// How a <see cref="QuestionAnswerer"/> reads documents and chooses answers. The defaults are those of the SQuAD scripts of transformers.
/// A document that does not fit beside the question is read in windows unless <see cref="PipelineOptions.Reading"/> says otherwise.
/// Windows compete: the answer with the highest score of all windows wins, and the lowest no-answer score of all windows counts.
/// </summary>
public sealed record QuestionAnswererOptions : PipelineOptions
{
    /// <summary>Length of the windows where <see cref="ReadingOptions.MaxLength"/> is null and the model could read more.</summary>
    public const int DefaultMaxLength = 384;

    /// <summary>
    /// Tokens that a window has in common with the one before ("doc_stride" in transformers, which is no step there). Null for 128, or half
    /// of what fits beside the question where that is less. A larger value than fits is lowered to one less than that.
    /// </summary>
    public int? Overlap { get; init; }

    /// <summary>
    /// Tokens of a question at most; the rest is cut off and the result says so. Null for 64, or half of the window where that is less.
    /// </summary>
    public int? MaxQuestionTokens { get; init; }

    /// <summary>Tokens of an answer at most.</summary>
    public int MaxAnswerTokens { get; init; } = 30;

    /// <summary>
    /// How many starts are combined with how many ends in a window, and how many answers are kept over all windows ("n_best").
    /// </summary>
    public int Candidates { get; init; } = 20;

    /// <summary>
    /// Whether a document may have no answer, as for a model trained on SQuAD 2.0. Otherwise the best span is always an answer.
    /// </summary>
    public bool AllowNoAnswer { get; init; }

    /// <summary>There is no answer where <see cref="QuestionAnswer.NoAnswerMargin"/> is above this; in logits.</summary>
    public float NoAnswerThreshold { get; init; }
}
