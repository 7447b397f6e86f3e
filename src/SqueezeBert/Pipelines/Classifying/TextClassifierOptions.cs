namespace SqueezeBert;

/// <summary>
/// How a <see cref="TextClassifier"/> reads texts. A long text is truncated unless <see cref="PipelineOptions.Reading"/> says otherwise.
/// Windows overlap by half, and their scores are averaged, weighted by the tokens that each window adds. In a pair the longer text is
/// truncated first. In windows the shorter text stands beside each window of the longer one; it is cut only if it is longer than half of
/// what fits.
/// </summary>
public sealed record TextClassifierOptions : PipelineOptions
{
    /// <summary>Whether scores are the model's logits, as other servers can be asked for.</summary>
    internal bool HasRawScores { get; init; }
}
