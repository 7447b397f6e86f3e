namespace SqueezeBert.Extensions.AI;

/// <summary>Names in the additional properties of options and embeddings.</summary>
public static class EmbeddingProperties
{
    /// <summary>
    /// In the options of a call: which of the model's prompts to put before the texts ("query", "document"), as in the prompts of
    /// sentence-transformers.
    /// </summary>
    public const string PromptName = "prompt_name";

    /// <summary>In an embedding: tokens that were read of its text, special tokens and those of a prompt included.</summary>
    public const string TokenCount = "token_count";

    /// <summary>
    /// In the options of a call: which model must answer, as <see cref="TextEmbeddingGenerator.CacheKey"/>; another one refuses to.
    /// </summary>
    internal const string CacheKey = "squeezebert_cache_key";
}
