namespace SqueezeBert;

/// <summary>
/// How much of a text is read. Members that are null are taken from the pipeline's options, or have the default that they note.
/// </summary>
public sealed record ReadingOptions
{
    /// <summary>
    /// Tokens of an input, or of a window of it, at most, special tokens included; else as many as the tokenizer and the model's positions
    /// allow.
    /// </summary>
    public int? MaxLength { get; init; }

    /// <summary>
    /// UTF-16 units of a text at most: the rest is not looked at, whatever <see cref="LongText"/> says of tokens. Else no limit.
    /// </summary>
    public int? MaxCharacters { get; init; }

    /// <summary>What to do with a text that is longer; else as the pipeline's options note.</summary>
    public LongText? LongText { get; init; }
}
