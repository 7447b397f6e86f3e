namespace SqueezeBert.Graphs;

/// <summary>Which tokens of a text an architecture's encoder reads.</summary>
/// <param name="HasSpecialTokens">Whether [CLS] and [SEP] stand around a text. Without them a text can have no token at all.</param>
/// <param name="HasUnknownTokens">Whether tokens that the vocabulary cannot spell are read; else they are left out.</param>
/// <param name="UsualLength">Tokens at most where no option says it, whatever the tokenizer's files say; null: as they say.</param>
/// <param name="CutsCharacters">
/// Whether a text is cut before it is tokenized, to as many characters as the tokens that are read have if each is of the vocabulary's
/// median length.
/// </param>
internal sealed record TextReading(
    bool HasSpecialTokens = true, bool HasUnknownTokens = true, int? UsualLength = null, bool CutsCharacters = false)
{
    /// <summary>As BERT reads: everything, between [CLS] and [SEP].</summary>
    public static TextReading Usual { get; } = new();
}
