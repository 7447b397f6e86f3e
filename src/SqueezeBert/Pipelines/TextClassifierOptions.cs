namespace SqueezeBert;

/// <summary>How a <see cref="TextClassifier"/> reads texts.</summary>
public sealed record TextClassifierOptions : PipelineOptions
{
    /// <summary>
    /// What to do with longer texts. Windows overlap by half; their scores are averaged, weighted by the tokens that each window adds. A pair is truncated
    /// in any case, the longer text first.
    /// </summary>
    public LongText LongText { get; init; } = LongText.Truncate;
}
