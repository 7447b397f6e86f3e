namespace SqueezeBert;

/// <summary>How a <see cref="ZeroShotClassifier"/> asks its model. A text that does not fit beside a hypothesis is truncated, and the result says so.</summary>
public sealed record ZeroShotClassifierOptions : PipelineOptions
{
    /// <summary>A sentence about the text, with {} in the place of the label.</summary>
    public string HypothesisTemplate { get; init; } = "This example is {}.";

    /// <summary>The model's label for "follows"; null for the one that begins with "entail".</summary>
    public string? EntailmentLabel { get; init; }
}
