using System.Text.Json;
using Microsoft.Extensions.AI;
using SqueezeBert.Extensions.AI.Embeddings;

namespace SqueezeBert.Extensions.AI;

/// <summary>
/// Makes a cache (<c>UseDistributedCache</c>) safe for changing models. The keys of such a cache depend on texts and options, but not on
/// the model. This generator puts <see cref="TextEmbeddingGenerator.CacheKey"/> into the options, so that the cache never returns vectors
/// of another model or of a model that was replaced. It also restores the usage, which a cache loses. Thread-safe.
/// </summary>
/// <remarks>
/// <c>new TextEmbeddingGenerator(embedder).AsBuilder().Use(inner => new FingerprintedEmbeddingGenerator(inner))
/// .UseDistributedCache(cache).Build()</c>. The first generator in a builder is the outermost.
/// </remarks>
public sealed class FingerprintedEmbeddingGenerator : DelegatingEmbeddingGenerator<string, Embedding<float>>
{
    private readonly TextEmbeddingGenerator _generator;

    /// <summary>Creates a generator that precedes a cache.</summary>
    /// <param name="inner">The inner generator, which must end in a <see cref="TextEmbeddingGenerator"/>.</param>
    /// <exception cref="ArgumentException">The inner generator does not contain a <see cref="TextEmbeddingGenerator"/>.</exception>
    public FingerprintedEmbeddingGenerator(IEmbeddingGenerator<string, Embedding<float>> inner)
        : base(inner)
    {
        _generator = inner.GetService<TextEmbeddingGenerator>() ??
            throw new ArgumentException($"there is no {nameof(TextEmbeddingGenerator)} behind it", nameof(inner));
    }

    /// <inheritdoc/>
    public override async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        var texts = values as IList<string> ?? [.. values];
        while (true)
        {
            var keyed = options?.Clone() ?? new EmbeddingGenerationOptions();
            (keyed.AdditionalProperties ??= [])[EmbeddingProperties.CacheKey] = _generator.CacheKey;
            try
            {
                var embeddings = await base.GenerateAsync(texts, keyed, cancellationToken).ConfigureAwait(false);
                embeddings.Usage ??= UsageOf(embeddings);
                return embeddings;
            }
            catch (ModelChangedException)
            {
                // Again, under the key of the model of now.
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>The tokens of all texts; those of embeddings that came out of a cache count as cached too.</summary>
    private static UsageDetails UsageOf(GeneratedEmbeddings<Embedding<float>> embeddings)
    {
        var (all, cached) = (0L, 0L);
        foreach (var embedding in embeddings)
        {
            // A number that has been JSON has been in the cache.
            var count = embedding.AdditionalProperties?.GetValueOrDefault(EmbeddingProperties.TokenCount);
            if (count is JsonElement { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var read)) cached += read;
            else if (count is int fresh) read = fresh;
            else continue;
            all += read;
        }

        return new UsageDetails { InputTokenCount = all, TotalTokenCount = all, CachedInputTokenCount = cached };
    }
}
