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
    /// Which of the model's prompts to put before queries; null for none that differs from the generator's own. Only a
    /// <see cref="TextEmbeddingGenerator"/> knows prompts.
    /// </summary>
    public string? QueryPromptName { get; init; }

    /// <summary>Which of the model's prompts to put before the texts of records.</summary>
    public string? DocumentPromptName { get; init; }
}
