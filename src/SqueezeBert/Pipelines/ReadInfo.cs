namespace SqueezeBert;

/// <summary>What a pipeline has read of an input.</summary>
public readonly record struct ReadInfo
{
    /// <summary>Creates it: one window.</summary>
    public ReadInfo()
    {
    }

    /// <summary>Tokens that were read, special tokens included, those that two windows share once.</summary>
    public required int TokenCount { get; init; }

    /// <summary>
    /// UTF-16 units of the input up to the end of the last token that was read; of several texts, those of all of them. All of them where
    /// nothing was cut.
    /// </summary>
    public required int CharactersRead { get; init; }

    /// <summary>Windows that the input was read in.</summary>
    public int WindowCount { get; init; } = 1;

    /// <summary>Whether there was more, which was not read.</summary>
    public bool IsTruncated { get; init; }
}
