namespace SqueezeBert.Tokenization;

/// <summary>How a vocabulary is trained. Normalization must be that of the tokenizer that will use it.</summary>
public sealed record VocabularyTrainerOptions
{
    /// <summary>
    /// The number of tokens, special ones included (default 30,522). Fewer come out where the text has no more frequent pairs.
    /// </summary>
    public int Size { get; init; } = 30_522;

    /// <summary>How often two pieces must stand side by side to be joined (default 2).</summary>
    public int MinFrequency { get; init; } = 2;

    /// <summary>
    /// How many different characters are kept, the most frequent ones (default 1000). Words with any other are left out: they would be
    /// unknown.
    /// </summary>
    public int AlphabetLimit { get; init; } = 1000;

    /// <summary>The first tokens of the vocabulary, in this order.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>Normalization, continuation prefix and longest word; special tokens and the rest are not looked at.</summary>
    public BertTokenizerOptions Tokenizer { get; init; } = new();
}

/// <summary>How far the training of a vocabulary has come.</summary>
/// <param name="Tokens">The tokens so far.</param>
/// <param name="Size">The tokens wanted.</param>
public readonly record struct VocabularyTrainingProgress(int Tokens, int Size);
