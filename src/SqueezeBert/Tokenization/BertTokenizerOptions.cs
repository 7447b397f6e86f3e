namespace SqueezeBert.Tokenization;

/// <summary>
/// How a <see cref="BertTokenizer"/> normalizes and cuts text. The defaults are those of bert-base-uncased and squeezebert-uncased.
/// </summary>
public sealed record BertTokenizerOptions
{
    /// <summary>Whether text is lower-cased (default true).</summary>
    public bool LowerCase { get; init; } = true;

    /// <summary>Whether accents are stripped; null (the default): where text is lower-cased.</summary>
    public bool? StripAccents { get; init; }

    /// <summary>Whether control characters are dropped and all white space is made a space (default true).</summary>
    public bool CleanText { get; init; } = true;

    /// <summary>Whether each Chinese character is a word of its own (default true).</summary>
    public bool HandleChineseChars { get; init; } = true;

    /// <summary>The token of words that the vocabulary cannot spell. The vocabulary must have it.</summary>
    public string UnknownToken { get; init; } = "[UNK]";

    /// <summary>The token in front of a text. The vocabulary must have it.</summary>
    public string ClsToken { get; init; } = "[CLS]";

    /// <summary>The token after each text. The vocabulary must have it.</summary>
    public string SepToken { get; init; } = "[SEP]";

    /// <summary>The padding token.</summary>
    public string PadToken { get; init; } = "[PAD]";

    /// <summary>The token that stands for a masked one.</summary>
    public string MaskToken { get; init; } = "[MASK]";

    /// <summary>Words of more Unicode scalar values are the unknown token (default 100).</summary>
    public int MaxInputCharsPerWord { get; init; } = 100;

    /// <summary>What pieces inside a word start with in the vocabulary (default "##").</summary>
    public string ContinuingSubwordPrefix { get; init; } = "##";

    /// <summary>The longest input of the model in tokens; null where the tokenizer's files do not say.</summary>
    public int? ModelMaxLength { get; init; }

    /// <summary>Whether decoding takes the spaces before punctuation and in contractions away (default true).</summary>
    public bool CleanUpTokenizationSpaces { get; init; } = true;

    /// <summary>
    /// Whether a tokenizer.json puts no token around texts, so that its vocabulary need not have [CLS] and [SEP]: those of static
    /// embeddings often do not.
    /// </summary>
    internal bool HasNoTemplate { get; init; }

    /// <summary>
    /// Tokens found in the text before words are cut, beside the five special ones, which are added on their own unless they are listed
    /// here. An id beyond the vocabulary extends it.
    /// </summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];

    /// <summary>
    /// Whether the special tokens are found in texts only if they are listed, as with a tokenizer.json that stands alone.
    /// </summary>
    internal bool FindsListedTokensOnly { get; init; }

    /// <summary>Whether decoding joins the pieces of a word; false for a tokenizer.json without a decoder.</summary>
    internal bool HasDecoder { get; init; } = true;
}
