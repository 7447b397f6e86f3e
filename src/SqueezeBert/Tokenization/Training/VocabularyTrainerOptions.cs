namespace SqueezeBert.Tokenization;

/// <summary>How a vocabulary is trained. The normalization must be that of the tokenizer that will use the vocabulary.</summary>
public sealed record VocabularyTrainerOptions
{
    /// <summary>
    /// The number of tokens, including special tokens; 1 or more (default 30,522). The result is smaller if the text has no more pairs that
    /// are frequent enough.
    /// </summary>
    public int Size { get; init; } = 30_522;

    /// <summary>The lowest number of occurrences of a pair that is joined, 1 or more (default 2).</summary>
    public int MinFrequency { get; init; } = 2;

    /// <summary>
    /// The largest number of distinct characters that are kept, 1 or more (default 1,000). The most frequent characters are kept. Words
    /// with other characters are ignored, because they would be unknown.
    /// </summary>
    public int AlphabetLimit { get; init; } = 1000;

    /// <summary>The first tokens of the vocabulary, in this order (default [PAD], [UNK], [CLS], [SEP], [MASK]).</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>The normalization, the continuation prefix and the longest word. Special tokens and other members are ignored.</summary>
    public BertTokenizerOptions Tokenizer { get; init; } = new();
}

/// <summary>The progress of training a vocabulary.</summary>
/// <param name="Tokens">The number of tokens so far.</param>
/// <param name="Size">The number of tokens to train.</param>
public readonly record struct VocabularyTrainingProgress(int Tokens, int Size);
