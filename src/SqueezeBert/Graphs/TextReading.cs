namespace SqueezeBert.Graphs;

/// <summary>The tokens of a text that an architecture's encoder reads.</summary>
/// <param name="HasSpecialTokens">Whether [CLS] and [SEP] are put around a text. Without them, a text can have no token at all.</param>
/// <param name="HasUnknownTokens">Whether tokens that are unknown to the vocabulary are read. Otherwise they are skipped.</param>
/// <param name="UsualLength">
/// The largest number of tokens if no option gives it, whatever the tokenizer's files say. Null uses the tokenizer's files.
/// </param>
/// <param name="CutsCharacters">
/// Whether a text is truncated before it is tokenized. The number of characters is that of the tokens to read if each has the vocabulary's
/// median length.
/// </param>
internal sealed record TextReading(
    bool HasSpecialTokens = true, bool HasUnknownTokens = true, int? UsualLength = null, bool CutsCharacters = false)
{
    /// <summary>The reading of BERT: all tokens, between [CLS] and [SEP].</summary>
    public static TextReading Usual { get; } = new();
}
