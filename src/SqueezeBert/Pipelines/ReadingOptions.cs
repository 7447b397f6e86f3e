namespace SqueezeBert;

/// <summary>
/// How much of a text is read. Members that are null take their value from the pipeline's options, or have the default that they document.
/// </summary>
public sealed record ReadingOptions
{
    /// <summary>
    /// The largest number of tokens of an input, or of each window of it, including special tokens. The range is from what the task needs
    /// (special tokens and one token of each text) to the number of positions of the model. The default is what the tokenizer and the
    /// model's positions allow.
    /// </summary>
    public int? MaxLength { get; init; }

    /// <summary>
    /// The largest number of UTF-16 code units of a text that are read, 1 or more. The rest is ignored, whatever <see cref="LongText"/>
    /// says. There is no limit by default.
    /// </summary>
    public int? MaxCharacters { get; init; }

    /// <summary>
    /// What happens to a text that is longer than <see cref="MaxLength"/>. The default depends on the pipeline, as its options document.
    /// </summary>
    public LongText? LongText { get; init; }
}
