namespace SqueezeBert.Pipelines.LongTexts;

/// <summary>What a pipeline did with an input.</summary>
/// <param name="TokenCount">Tokens that were read, special tokens included, those of an overlap once.</param>
/// <param name="WindowCount">Windows that they were read in.</param>
/// <param name="IsTruncated">Whether there were others, which were not read.</param>
internal readonly record struct ReadText(int TokenCount, int WindowCount, bool IsTruncated);
