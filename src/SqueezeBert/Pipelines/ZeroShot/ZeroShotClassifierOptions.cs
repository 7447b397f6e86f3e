namespace SqueezeBert;

/// <summary>
/// How a <see cref="ZeroShotClassifier"/> uses its model. A text that does not fit beside a hypothesis is truncated unless
/// <see cref="PipelineOptions.Reading"/> says otherwise; a hypothesis is never cut. With windows, the windows of the text overlap by half.
/// They are the same for all hypotheses and leave room for the longest one. The logits of a label are averaged over the windows, weighted
/// by the number of tokens that each window adds, and are then converted to scores.
/// </summary>
public sealed record ZeroShotClassifierOptions : PipelineOptions
{
    /// <summary>
    /// The hypothesis: a sentence about the text with a placeholder for the label (default "This example is {}."). The placeholder is {},
    /// or any number of {0}. Literal braces are written {{ and }}.
    /// </summary>
    public string HypothesisTemplate { get; init; } = "This example is {}.";

    /// <summary>The model's label for entailment. Null uses the label whose name begins with "entail".</summary>
    public string? EntailmentLabel { get; init; }
}
