namespace SqueezeBert;

/// <summary>
/// How a <see cref="TextReranker"/> reads texts and what its scores are. If a query and a text do not fit together, the longer one is
/// truncated unless <see cref="PipelineOptions.Reading"/> says otherwise. With windows, the windows overlap by half, and their scores are
/// averaged, weighted by the number of tokens that each window adds.
/// </summary>
public sealed record TextRerankerOptions : PipelineOptions
{
    /// <summary>
    /// The label whose score is the relevance, by its name in the model's id2label. It is required if the model has several labels and none
    /// of their names shows which one means relevant.
    /// </summary>
    public string? RelevantLabel { get; init; }

    /// <summary>Whether the scores are the logits of the model, which other servers can return too.</summary>
    internal bool HasRawScores { get; init; }
}
