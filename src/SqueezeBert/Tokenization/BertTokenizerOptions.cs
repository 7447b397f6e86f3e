namespace SqueezeBert.Tokenization;

/// <summary>
/// How a <see cref="BertTokenizer"/> normalizes and splits text. The defaults are those of bert-base-uncased and squeezebert-uncased.
/// </summary>
public sealed record BertTokenizerOptions
{
    /// <summary>Whether text is converted to lower case (default true).</summary>
    public bool LowerCase { get; init; } = true;

    /// <summary>Whether accents are removed. Null (the default) removes them if <see cref="LowerCase"/> is true.</summary>
    public bool? StripAccents { get; init; }

    /// <summary>Whether control characters are removed and all white space is replaced by spaces (default true).</summary>
    public bool CleanText { get; init; } = true;

    /// <summary>Whether each Chinese character is a separate word (default true).</summary>
    public bool HandleChineseChars { get; init; } = true;

    /// <summary>The token for words that the vocabulary cannot spell (default "[UNK]"). The vocabulary must contain it.</summary>
    public string UnknownToken { get; init; } = "[UNK]";

    /// <summary>The token that is put before a text (default "[CLS]"). The vocabulary must contain it.</summary>
    public string ClsToken { get; init; } = "[CLS]";

    /// <summary>The token that is put after each text (default "[SEP]"). The vocabulary must contain it.</summary>
    public string SepToken { get; init; } = "[SEP]";

    /// <summary>The padding token (default "[PAD]").</summary>
    public string PadToken { get; init; } = "[PAD]";

    /// <summary>The mask token (default "[MASK]").</summary>
    public string MaskToken { get; init; } = "[MASK]";

    /// <summary>The longest word in Unicode scalar values, zero or more (default 100). Longer words become the unknown token.</summary>
    public int MaxInputCharsPerWord { get; init; } = 100;

    /// <summary>The prefix of pieces inside a word in the vocabulary (default "##").</summary>
    public string ContinuingSubwordPrefix { get; init; } = "##";

    /// <summary>The longest input of the model in tokens, including special tokens. Null if the tokenizer's files do not give it.</summary>
    public int? ModelMaxLength { get; init; }

    /// <summary>Whether decoding removes the spaces before punctuation and in contractions (default true).</summary>
    public bool CleanUpTokenizationSpaces { get; init; } = true;

    /// <summary>
    /// Whether a tokenizer.json puts no token around texts, so that its vocabulary need not have [CLS] and [SEP]: those of static
    /// embeddings often do not.
    /// </summary>
    internal bool HasNoTemplate { get; init; }

    /// <summary>
    /// The tokens that are recognized in the raw text before it is split into words. The five special tokens are added automatically unless
    /// they are listed here. An id beyond the end of the vocabulary extends it.
    /// </summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];

    /// <summary>
    /// Whether the special tokens are found in texts only if they are listed, as with a tokenizer.json that stands alone.
    /// </summary>
    internal bool FindsListedTokensOnly { get; init; }

    /// <summary>Whether decoding joins the pieces of a word; false for a tokenizer.json without a decoder.</summary>
    internal bool HasDecoder { get; init; } = true;
}
