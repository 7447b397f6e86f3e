namespace SqueezeBert;

/// <summary>
/// How a <see cref="ZeroShotClassifier"/> asks its model. A text that does not fit beside a hypothesis is truncated unless
/// <see cref="PipelineOptions.Reading"/> says otherwise; a hypothesis is never cut. Windows of the text overlap by half, are the same for
/// all hypotheses, and leave room for the longest one. The logits of a label are averaged over the windows, weighted by the tokens that
/// each window adds, before they become scores.
/// </summary>
public sealed record ZeroShotClassifierOptions : PipelineOptions
{
    /// <summary>
    /// A sentence about the text, with {} in the place of the label, or {0} in any number of places; {{ and }} are braces.
    /// </summary>
    public string HypothesisTemplate { get; init; } = "This example is {}.";

    /// <summary>The model's label for "follows"; null for the one that begins with "entail".</summary>
    public string? EntailmentLabel { get; init; }
}
