namespace SqueezeBert;

/// <summary>
/// How a <see cref="TextClassifier"/> reads texts. A long one is truncated where <see cref="PipelineOptions.Reading"/> does not say
/// otherwise. Windows overlap by half; their scores are averaged, weighted by the tokens that each window adds. A pair is truncated at the
/// longer text first; in windows the shorter text stands beside each window of the longer one, and is itself cut only if it is longer than
/// half of what fits.
/// </summary>
public sealed record TextClassifierOptions : PipelineOptions
{
    /// <summary>Whether scores are the model's logits, as other servers can be asked for.</summary>
    internal bool HasRawScores { get; init; }
}
