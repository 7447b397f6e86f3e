namespace SqueezeBert.Extensions.AI;

/// <summary>How a <see cref="TextEmbeddingGenerator"/> makes embeddings, where a call does not say.</summary>
public sealed record TextEmbeddingGeneratorOptions
{
    /// <summary>
    /// What the model is called in metadata, embeddings and telemetry; null for its type in config.json, such as "bert".
    /// </summary>
    public string? ModelId { get; init; }

    /// <summary>
    /// Which of the model's prompts to put before each text. A model with one for queries and one for documents has two generators over
    /// one embedder, or calls that say it by <see cref="EmbeddingProperties.PromptName"/>. Null for the model's default, if it has one.
    /// </summary>
    public string? PromptName { get; init; }

    /// <summary>How much of each text is read; null: as the embedder's options say.</summary>
    public ReadingOptions? Reading { get; init; }
}
