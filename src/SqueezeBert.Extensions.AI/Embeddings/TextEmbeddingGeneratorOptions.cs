namespace SqueezeBert.Extensions.AI;

/// <summary>How a <see cref="TextEmbeddingGenerator"/> makes embeddings, unless a call says otherwise.</summary>
public sealed record TextEmbeddingGeneratorOptions
{
    /// <summary>The id of the model in metadata, embeddings and telemetry. Null uses its type in config.json, such as "bert".</summary>
    public string? ModelId { get; init; }

    /// <summary>
    /// The name of the model's prompt that is put before each text. For a model with one prompt for queries and another for documents, use
    /// two generators on one embedder, or set <see cref="EmbeddingProperties.PromptName"/> in each call. Null uses the default prompt of
    /// the model, if it has one.
    /// </summary>
    public string? PromptName { get; init; }

    /// <summary>How much of each text is read. Null uses the options of the embedder.</summary>
    public ReadingOptions? Reading { get; init; }
}
