namespace SqueezeBert;

/// <summary>How much of an input a pipeline has read.</summary>
public readonly record struct ReadInfo
{
    /// <summary>Creates a value with one window.</summary>
    public ReadInfo()
    {
    }

    /// <summary>The number of tokens that were read, including special tokens. Tokens that two windows share are counted once.</summary>
    public required int TokenCount { get; init; }

    /// <summary>
    /// The number of UTF-16 code units of the input up to the end of the last token that was read. For several texts it is the sum. If
    /// nothing was cut off, it is the length of the whole input.
    /// </summary>
    public required int CharactersRead { get; init; }

    /// <summary>The number of windows in which the input was read (default 1).</summary>
    public int WindowCount { get; init; } = 1;

    /// <summary>Whether a part of the input was not read.</summary>
    public bool IsTruncated { get; init; }
}
