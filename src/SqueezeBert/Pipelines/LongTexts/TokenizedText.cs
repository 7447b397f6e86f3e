namespace SqueezeBert.Pipelines.LongTexts;

/// <summary>How much of a text's tokens is read.</summary>
/// <param name="Kept">The number of tokens that are read.</param>
/// <param name="CharactersRead">
/// The number of UTF-16 code units up to the end of the last token, or the whole length if nothing was cut off.
/// </param>
/// <param name="IsTruncated">Whether some tokens are not read.</param>
internal readonly record struct TokenizedText(int Kept, int CharactersRead, bool IsTruncated)
{
    /// <summary>Returns the information for a result.</summary>
    /// <param name="specialTokens">The number of special tokens.</param>
    /// <param name="windowCount">The number of windows in which the text is read.</param>
    public ReadInfo Info(int specialTokens, int windowCount) => new()
    {
        TokenCount = Kept + specialTokens,
        CharactersRead = CharactersRead,
        WindowCount = windowCount,
        IsTruncated = IsTruncated,
    };
}
