namespace SqueezeBert.Tokenization;

/// <summary>A token that is recognized in the raw text before it is split into words, such as a special token.</summary>
/// <param name="Id">The token id.</param>
/// <param name="Content">The text of the token.</param>
public sealed record AddedToken(int Id, string Content)
{
    /// <summary>Whether decoding can skip the token.</summary>
    public bool Special { get; init; }

    /// <summary>
    /// Whether the token is searched for in the normalized text, with its content normalized too. Otherwise it is searched for in the
    /// original text.
    /// </summary>
    public bool Normalized { get; init; }

    /// <summary>Whether the token is recognized only if no word character is adjacent to it.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Whether the token includes the white space before it.</summary>
    public bool LStrip { get; init; }

    /// <summary>Whether the token includes the white space after it.</summary>
    public bool RStrip { get; init; }
}
