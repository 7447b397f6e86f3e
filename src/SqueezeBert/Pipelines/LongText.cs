namespace SqueezeBert;

/// <summary>What to do with a text that has more tokens than a model reads at once.</summary>
public enum LongText
{
    /// <summary>Read the beginning; the result says that the text was truncated.</summary>
    Truncate,

    /// <summary>
    /// Read all of it in windows that overlap by half, and average their scores weighted by the tokens that each window adds.
    /// </summary>
    Windows,
}
