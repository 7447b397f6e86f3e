using Microsoft.Extensions.AI;

namespace SqueezeBert.Extensions.AI;

/// <summary>What makes vectors of texts in an <see cref="ExactVectorStore"/> or one of its collections.</summary>
public sealed record ExactVectorStoreOptions
{
    /// <summary>
    /// Makes vectors of vector properties that are strings, and of queries that are; null where all are vectors. A definition's generator,
    /// or a property's, comes before it. It makes Embedding&lt;float&gt;.
    /// </summary>
    public IEmbeddingGenerator? EmbeddingGenerator { get; init; }

    /// <summary>
    /// Which of the model's prompts to put before queries. Null for the generator's own, and where that names none for the model's prompt
    /// for queries, if it has one. Only a <see cref="TextEmbeddingGenerator"/> knows prompts.
    /// </summary>
    public string? QueryPromptName { get; init; }

    /// <summary>Which of the model's prompts to put before the texts of records; null as for queries, with the one for documents.</summary>
    public string? DocumentPromptName { get; init; }
}
