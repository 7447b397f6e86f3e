namespace SqueezeBert;

/// <summary>How a <see cref="ChoiceSelector"/> reads. A pair of prompt and choice that is too long is truncated, the longer text first, and the result says so.</summary>
public sealed record ChoiceSelectorOptions : PipelineOptions;
