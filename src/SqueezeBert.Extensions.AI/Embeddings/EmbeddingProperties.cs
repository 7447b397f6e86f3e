namespace SqueezeBert.Extensions.AI;

/// <summary>The names of the additional properties of options and embeddings.</summary>
public static class EmbeddingProperties
{
    /// <summary>
    /// In the options of a call: the name of the model's prompt that is put before the texts ("query", "document"), as in
    /// sentence-transformers.
    /// </summary>
    public const string PromptName = "prompt_name";

    /// <summary>In an embedding: the number of tokens that were read of its text, including special tokens and those of a prompt.</summary>
    public const string TokenCount = "token_count";

    /// <summary>
    /// In the options of a call: the <see cref="TextEmbeddingGenerator.CacheKey"/> of the model that must answer. Another model refuses the
    /// call.
    /// </summary>
    internal const string CacheKey = "squeezebert_cache_key";
}
