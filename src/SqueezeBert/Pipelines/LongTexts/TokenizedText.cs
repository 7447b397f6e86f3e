namespace SqueezeBert.Pipelines.LongTexts;

/// <summary>How much of a text's tokens is read.</summary>
/// <param name="Kept">Tokens that are read.</param>
/// <param name="CharactersRead">UTF-16 units up to the end of the last of them; the whole length where nothing was cut.</param>
/// <param name="IsTruncated">Whether there is more.</param>
internal readonly record struct TokenizedText(int Kept, int CharactersRead, bool IsTruncated)
{
    /// <summary>What a result tells of it.</summary>
    /// <param name="specialTokens">Tokens beside the text's.</param>
    /// <param name="windowCount">Windows that it is read in.</param>
    public ReadInfo Info(int specialTokens, int windowCount) => new()
    {
        TokenCount = Kept + specialTokens,
        CharactersRead = CharactersRead,
        WindowCount = windowCount,
        IsTruncated = IsTruncated,
    };
}
