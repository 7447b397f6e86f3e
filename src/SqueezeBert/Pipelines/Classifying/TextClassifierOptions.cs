namespace SqueezeBert;

/// <summary>
/// How a <see cref="TextClassifier"/> reads texts. A long text is truncated unless <see cref="PipelineOptions.Reading"/> says otherwise. In
/// a pair, the longer text is truncated first. With windows, the windows overlap by half, and their scores are averaged, weighted by the
/// number of tokens that each window adds. In a pair, the shorter text is repeated beside each window of the longer one, and it is cut only
/// if it takes more than half of the room.
/// </summary>
public sealed record TextClassifierOptions : PipelineOptions
{
    /// <summary>Whether the scores are the logits of the model, which other servers can return too.</summary>
    internal bool HasRawScores { get; init; }
}
