using SqueezeBert.Checkpoints;

namespace SqueezeBert.Training;

/// <summary>What a student takes from its teacher.</summary>
public sealed record StudentOptions
{
    /// <summary>The layers of the teacher that are kept: numbers from 0, in ascending order. Null keeps all.</summary>
    public IReadOnlyList<int>? KeepLayers { get; init; }

    /// <summary>
    /// The numbers of groups of a SqueezeBERT student, whose teacher must be a BERT. Null keeps the architecture of the teacher.
    /// </summary>
    public StudentGroups? Groups { get; init; }

    /// <summary>
    /// The settings of static embeddings, which replace the encoder by a table, as in Model2Vec. They need no text. Null creates an
    /// encoder.
    /// </summary>
    public StaticEmbeddings? Static { get; init; }

    /// <summary>
    /// Removes tokens from the vocabulary: from the tokenizer and from every table with one row per token. Texts then have slightly more
    /// tokens. Null keeps the vocabulary of the teacher. It cannot be combined with <see cref="Groups"/> or <see cref="Static"/>; derive
    /// that student from the trimmed one instead.
    /// </summary>
    public VocabularyTrim? Vocabulary { get; init; }

    /// <summary>
    /// Files with one text per line, which grouped projections are fitted on. They are required if a number of groups is above 1.
    /// </summary>
    public IReadOnlyList<string> FitText { get; init; } = [];

    /// <summary>The number of tokens of these texts that are used, 1 to 1,000,000 (default 60,000).</summary>
    public int FitTokens { get; init; } = 60_000;

    /// <summary>The ridge penalty of the fit relative to the mean square of the inputs, above 0 (default 1e-3).</summary>
    public double Ridge { get; init; } = 1e-3;

    /// <summary>
    /// The type of the stored elements: <see cref="TensorType.Float32"/> (the default), <see cref="TensorType.Float16"/> or
    /// <see cref="TensorType.BFloat16"/>.
    /// </summary>
    public TensorType Precision { get; init; } = TensorType.Float32;

    /// <summary>The number of threads of the fit, 1 or more. Null means one per core. The result does not depend on it.</summary>
    public int? Threads { get; init; }
}

/// <summary>
/// The numbers of groups of the projections of a SqueezeBERT student. Each must divide the number of channels on both sides of its
/// projection.
/// </summary>
/// <param name="Attention">The number of groups of the query, key and value projections.</param>
/// <param name="AttentionOutput">The number of groups of the projection after the attention.</param>
/// <param name="FeedForward">The number of groups of both projections of the feed-forward network.</param>
public sealed record StudentGroups(int Attention = 1, int AttentionOutput = 1, int FeedForward = 1)
{
    internal bool AreAllOne => (Attention, AttentionOutput, FeedForward) is (1, 1, 1);
}

/// <summary>How a vocabulary is trimmed.</summary>
/// <param name="Pieces">The largest number of tokens that are kept, including special tokens and single characters.</param>
/// <param name="Text">Files with one text per line. The tokens that are most frequent in them are kept.</param>
public sealed record VocabularyTrim(int Pieces, IReadOnlyList<string> Text);

/// <summary>How static embeddings are derived from the hidden states that a teacher computes for each token of its vocabulary.</summary>
public sealed record StaticEmbeddings
{
    /// <summary>
    /// The number of components of a vector, 1 to the hidden size of the teacher. They are the first principal components. Null keeps all
    /// components.
    /// </summary>
    public int? Dimensions { get; init; }

    /// <summary>
    /// The coefficient a of the token weights, above 0 and below 1 (default 1e-4). The weight of a token is a / (a + p), where p is the
    /// frequency that Zipf's law gives for its position in the vocabulary. Null gives all tokens the same weight.
    /// </summary>
    public double? SifCoefficient { get; init; } = 1e-4;
}
