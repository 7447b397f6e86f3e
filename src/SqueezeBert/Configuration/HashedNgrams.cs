namespace SqueezeBert.Checkpoints;

/// <summary>
/// Hashed character n-grams of words, which a token-classification head reads beside the hidden states ("hashed_ngrams"). Each n-gram of a
/// word looks up a row of a table by its hash. The mean of the rows, projected to the labels, is added to the logits of each of the word's
/// tokens. Other libraries ignore the field and the tensors. Immutable.
/// </summary>
public sealed record HashedNgrams
{
    /// <summary>The number of rows of the table, 1 to 2^20 (default 8,192). Different n-grams may share a row.</summary>
    public int Buckets { get; init; } = 8192;

    /// <summary>The number of columns of the table, 1 to 1,024 (default 64).</summary>
    public int Dimensions { get; init; } = 64;

    /// <summary>
    /// The smallest number of characters of an n-gram, 2 to 16 (default 2). The markers around a word, '&lt;' and '&gt;', count.
    /// </summary>
    public int MinLength { get; init; } = 2;

    /// <summary>
    /// The largest number of characters of an n-gram, <see cref="MinLength"/> to 16 (default 4). The whole word is one more n-gram,
    /// whatever its length.
    /// </summary>
    public int MaxLength { get; init; } = 4;
}
