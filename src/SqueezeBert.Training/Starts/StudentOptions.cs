using SqueezeBert.Checkpoints;

namespace SqueezeBert.Training;

/// <summary>What a student takes from its teacher.</summary>
public sealed record StudentOptions
{
    /// <summary>Numbers of the teacher's layers to keep, from 0 and ascending; null: all.</summary>
    public IReadOnlyList<int>? KeepLayers { get; init; }

    /// <summary>
    /// Groups of the projections of a SqueezeBERT student, which needs a BERT for a teacher; null: the teacher's own architecture.
    /// </summary>
    public StudentGroups? Groups { get; init; }

    /// <summary>
    /// Makes a table of static embeddings instead of a smaller encoder, as Model2Vec does; it needs no text. Null: an encoder.
    /// </summary>
    public StaticEmbeddings? Static { get; init; }

    /// <summary>
    /// Takes pieces out of the vocabulary, from the tokenizer and from every table that has a row for each; texts then have some more
    /// tokens. Null: the teacher's vocabulary. Not with <see cref="Groups"/> or <see cref="Static"/>: make that student of this one.
    /// </summary>
    public VocabularyTrim? Vocabulary { get; init; }

    /// <summary>Files of texts, a line each, that grouped projections are fitted on; needed where a group count is above 1.</summary>
    public IReadOnlyList<string> FitText { get; init; } = [];

    /// <summary>Tokens of these texts that are used, from 1 to 1,000,000.</summary>
    public int FitTokens { get; init; } = 60_000;

    /// <summary>Penalty of the fit as a share of the inputs' mean square, above 0.</summary>
    public double Ridge { get; init; } = 1e-3;

    /// <summary>
    /// Type of the numbers that are written: <see cref="TensorType.Float32"/>, <see cref="TensorType.Float16"/> or
    /// <see cref="TensorType.BFloat16"/>.
    /// </summary>
    public TensorType Precision { get; init; } = TensorType.Float32;

    /// <summary>Threads of the fit; null: one per core. The result does not depend on it.</summary>
    public int? Threads { get; init; }
}

/// <summary>Group counts of a SqueezeBERT student's projections; each must divide the channels on both sides.</summary>
/// <param name="Attention">Of the projections to queries, keys and values.</param>
/// <param name="AttentionOutput">Of the projection behind the attention.</param>
/// <param name="FeedForward">Of both projections of the feed-forward network.</param>
public sealed record StudentGroups(int Attention = 1, int AttentionOutput = 1, int FeedForward = 1)
{
    internal bool AreAllOne => (Attention, AttentionOutput, FeedForward) is (1, 1, 1);
}

/// <summary>Which pieces of a vocabulary stay.</summary>
/// <param name="Pieces">At most so many, special ones and single characters among them.</param>
/// <param name="Text">Files of texts, a line each: the pieces that they have most often stay.</param>
public sealed record VocabularyTrim(int Pieces, IReadOnlyList<string> Text);

/// <summary>How static embeddings are made of a teacher's hidden states for each piece of its vocabulary.</summary>
public sealed record StaticEmbeddings
{
    /// <summary>Numbers of a vector: so many principal components, 1 to the teacher's hidden size; null: all of them.</summary>
    public int? Dimensions { get; init; }

    /// <summary>
    /// The weight of a piece is this divided by the sum of this and the share of texts that Zipf's law gives its place in the vocabulary;
    /// above 0 and below 1. Null: all pieces weigh the same.
    /// </summary>
    public double? SifCoefficient { get; init; } = 1e-4;
}
