using Microsoft.Extensions.AI;

namespace SqueezeBert.Extensions.AI;

/// <summary>How an <see cref="ExactVectorStore"/> or one of its collections makes vectors of texts.</summary>
public sealed record ExactVectorStoreOptions
{
    /// <summary>
    /// The generator for vector properties of type string and for queries of type string. It must make Embedding&lt;float&gt;. The
    /// generator of a definition or of a property takes precedence. Null is sufficient if all vectors are given.
    /// </summary>
    public IEmbeddingGenerator? EmbeddingGenerator { get; init; }

    /// <summary>
    /// The name of the model's prompt that is put before queries. Null uses the prompt of the generator or, if that names none, the model's
    /// prompt for queries, if there is one. Only <see cref="TextEmbeddingGenerator"/> supports prompts.
    /// </summary>
    public string? QueryPromptName { get; init; }

    /// <summary>
    /// The name of the model's prompt that is put before the texts of records. Null has the same effect as for queries, with the model's
    /// prompt for documents.
    /// </summary>
    public string? DocumentPromptName { get; init; }
}
