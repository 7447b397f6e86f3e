namespace SqueezeBert;

/// <summary>
/// How a <see cref="ChoiceSelector"/> reads. A pair of prompt and choice that is too long is truncated, the longer text first, unless
/// <see cref="PipelineOptions.Reading"/> says otherwise. In windows the shorter text stands beside each window of the longer one; it is
/// cut only if it is longer than half of what fits. Windows overlap by half, and the logit of a choice is their mean, weighted by the
/// tokens that each window adds.
/// </summary>
public sealed record ChoiceSelectorOptions : PipelineOptions;
