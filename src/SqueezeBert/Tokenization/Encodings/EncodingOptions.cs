namespace SqueezeBert.Tokenization;

/// <summary>What happens to an input of more tokens than <see cref="EncodingOptions.MaxLength"/>.</summary>
public enum Truncation
{
    /// <summary>Nothing: <see cref="EncodingOptions.MaxLength"/> is not looked at.</summary>
    None,

    /// <summary>Tokens are taken from the longer of two texts until both fit; both halves of the room where both are too long.</summary>
    LongestFirst,

    /// <summary>Only the first text is cut.</summary>
    OnlyFirst,

    /// <summary>Only the second text of a pair is cut.</summary>
    OnlySecond,

    /// <summary>An <see cref="ArgumentException"/>.</summary>
    Error,
}

/// <summary>Which end of a text truncation removes.</summary>
public enum TruncationDirection
{
    /// <summary>The end: the beginning stays.</summary>
    Right,

    /// <summary>The beginning: the end stays.</summary>
    Left,
}

/// <summary>How texts are encoded.</summary>
public sealed record EncodingOptions
{
    /// <summary>Whether [CLS] and [SEP] are added (default true), where the tokenizer's files put any around texts.</summary>
    public bool AddSpecialTokens { get; init; } = true;

    /// <summary>The most tokens of one encoding, special tokens included; null: no limit.</summary>
    public int? MaxLength { get; init; }

    /// <summary>
    /// What happens to longer inputs (default <see cref="Truncation.LongestFirst"/>, where <see cref="MaxLength"/> is given).
    /// </summary>
    public Truncation Truncation { get; init; } = Truncation.LongestFirst;

    /// <summary>Which end of a text is removed (default: the right one).</summary>
    public TruncationDirection TruncationDirection { get; init; }

    /// <summary>
    /// How many tokens a window has in common with the one before (default 0). Must be less than the tokens of text in a window.
    /// </summary>
    public int Stride { get; init; }

    /// <summary>Whether <see cref="TextEncoding.Overflowing"/> holds the windows after the first (default false).</summary>
    public bool ReturnOverflowing { get; init; }

    /// <summary>Whether offsets and word ids are kept (default true); without them encoding is faster.</summary>
    public bool ReturnOffsets { get; init; } = true;
}
