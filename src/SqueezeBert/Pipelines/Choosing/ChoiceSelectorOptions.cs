namespace SqueezeBert;

/// <summary>
/// How a <see cref="ChoiceSelector"/> reads. A pair of prompt and choice that is too long is truncated where <see
/// cref="PipelineOptions.Reading"/> does not say otherwise. Truncated: the longer one is cut first. In windows: the shorter one stands
/// beside each window of the longer one, and is cut only if it is longer than half of what fits; windows overlap by half, and a choice's
/// logit is their mean, weighted by the tokens that each window adds.
/// </summary>
public sealed record ChoiceSelectorOptions : PipelineOptions;
