namespace SqueezeBert.Tokenization;

/// <summary>What happens to an input that has more tokens than <see cref="EncodingOptions.MaxLength"/>.</summary>
public enum Truncation
{
    /// <summary>Nothing. <see cref="EncodingOptions.MaxLength"/> is ignored.</summary>
    None,

    /// <summary>
    /// Tokens are removed from the longer of the two texts until both fit. If both are too long, each gets half of the room.
    /// </summary>
    LongestFirst,

    /// <summary>Only the first text is truncated.</summary>
    OnlyFirst,

    /// <summary>Only the second text of a pair is truncated.</summary>
    OnlySecond,

    /// <summary>The call fails with an <see cref="ArgumentException"/>.</summary>
    Error,
}

/// <summary>The end of a text at which truncation removes tokens.</summary>
public enum TruncationDirection
{
    /// <summary>Tokens are removed at the end, so the beginning is kept.</summary>
    Right,

    /// <summary>Tokens are removed at the beginning, so the end is kept.</summary>
    Left,
}

/// <summary>How texts are encoded.</summary>
public sealed record EncodingOptions
{
    /// <summary>
    /// Whether [CLS] and [SEP] are added (default true). It has no effect if the tokenizer's files add no special tokens.
    /// </summary>
    public bool AddSpecialTokens { get; init; } = true;

    /// <summary>The largest number of tokens of an encoding, including special tokens. Null means no limit.</summary>
    public int? MaxLength { get; init; }

    /// <summary>
    /// What happens to inputs that are longer than <see cref="MaxLength"/> (default <see cref="Truncation.LongestFirst"/>).
    /// </summary>
    public Truncation Truncation { get; init; } = Truncation.LongestFirst;

    /// <summary>The end of a text at which tokens are removed (default <see cref="TruncationDirection.Right"/>).</summary>
    public TruncationDirection TruncationDirection { get; init; }

    /// <summary>
    /// The number of tokens that a window shares with the previous one (default 0). It must be less than the number of text tokens in a
    /// window.
    /// </summary>
    public int Stride { get; init; }

    /// <summary>Whether <see cref="TextEncoding.Overflowing"/> contains the windows after the first (default false).</summary>
    public bool ReturnOverflowing { get; init; }

    /// <summary>Whether offsets and word ids are kept (default true). Encoding is faster without them.</summary>
    public bool ReturnOffsets { get; init; } = true;
}
