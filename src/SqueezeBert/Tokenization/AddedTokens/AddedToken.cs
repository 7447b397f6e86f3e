namespace SqueezeBert.Tokenization;

/// <summary>A token that is found in the text as it stands, before words are cut, such as a special token.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="Content">The text of the token.</param>
public sealed record AddedToken(int Id, string Content)
{
    /// <summary>Whether decoding can skip the token.</summary>
    public bool Special { get; init; }

    /// <summary>Whether the token is looked for in the normalized text (its content normalized too) rather than in the original.</summary>
    public bool Normalized { get; init; }

    /// <summary>Whether the token counts only where no word character touches it.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Whether the token swallows the white space before it.</summary>
    public bool LStrip { get; init; }

    /// <summary>Whether the token swallows the white space after it.</summary>
    public bool RStrip { get; init; }
}
