namespace SqueezeBert;

/// <summary>
/// How a <see cref="ChoiceSelector"/> reads texts. If a prompt and a choice do not fit together, the longer text is truncated first unless
/// <see cref="PipelineOptions.Reading"/> says otherwise. With windows, the shorter text is repeated beside each window of the longer one,
/// and it is cut only if it takes more than half of the room. Windows overlap by half. The logit of a choice is the mean over its windows,
/// weighted by the number of tokens that each window adds.
/// </summary>
public sealed record ChoiceSelectorOptions : PipelineOptions;
