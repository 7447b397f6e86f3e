namespace SqueezeBert;

/// <summary>
/// How a <see cref="QuestionAnswerer"/> reads documents and chooses answers. The defaults are those of the SQuAD scripts of transformers. A
/// document that does not fit beside the question is read in windows unless <see cref="PipelineOptions.Reading"/> says otherwise. The
/// answer with the highest score of all windows wins, and the lowest no-answer score of all windows counts.
/// </summary>
public sealed record QuestionAnswererOptions : PipelineOptions
{
    /// <summary>
    /// The length of the windows in tokens if <see cref="ReadingOptions.MaxLength"/> is null and the model can read more.
    /// </summary>
    public const int DefaultMaxLength = 384;

    /// <summary>
    /// The number of tokens that a window shares with the previous one, zero or more. transformers calls it "doc_stride". Null means 128,
    /// or half of the tokens that fit beside the question if that is less. A value that does not fit is reduced to one less than the tokens
    /// that fit.
    /// </summary>
    public int? Overlap { get; init; }

    /// <summary>
    /// The largest number of tokens of a question, 1 or more. The rest is cut off, and the result says so. Null means 64, or half of the
    /// window if that is less.
    /// </summary>
    public int? MaxQuestionTokens { get; init; }

    /// <summary>The largest number of tokens of an answer, 1 or more (default 30).</summary>
    public int MaxAnswerTokens { get; init; } = 30;

    /// <summary>
    /// The number of start positions and of end positions that are combined in each window, and the number of answers that are kept over
    /// all windows ("n_best"); 1 or more (default 20).
    /// </summary>
    public int Candidates { get; init; } = 20;

    /// <summary>
    /// Whether a document may have no answer, as for a model trained on SQuAD 2.0 (default false). Otherwise, the best span is always the
    /// answer.
    /// </summary>
    public bool AllowNoAnswer { get; init; }

    /// <summary>
    /// The threshold for no answer, in logits (default 0). The document has no answer if <see cref="QuestionAnswer.NoAnswerMargin"/> is
    /// above it. Used only with <see cref="AllowNoAnswer"/>.
    /// </summary>
    public float NoAnswerThreshold { get; init; }
}
