using System.Globalization;
using Microsoft.Extensions.AI;
using SqueezeBert.Extensions.AI.Embeddings;

namespace SqueezeBert.Extensions.AI;

/// <summary>
/// Provides a <see cref="TextEmbedder"/> as the embedding generator of Microsoft.Extensions.AI. Calls join the model's queue, where they
/// share batches with the calls of all pipelines on the model. Thread-safe. Disposing the generator does not dispose the embedder.
/// </summary>
public sealed class TextEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private const string Provider = "squeezebert";

    private readonly Func<TextEmbedder> _embedder;
    private readonly TextEmbeddingGeneratorOptions _options;

    /// <summary>Creates a generator for an embedder.</summary>
    /// <param name="embedder">The embedder. It must not be disposed while the generator is in use.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <exception cref="ArgumentException">The model has no prompt of the given name. The message lists the prompts it has.</exception>
    public TextEmbeddingGenerator(TextEmbedder embedder, TextEmbeddingGeneratorOptions? options = null)
        : this(Always(embedder), options)
    {
    }

    /// <summary>Creates a generator for an embedder that may be replaced while calls are running.</summary>
    /// <param name="embedder">
    /// Returns the current embedder. It is called for each call, and again if the embedder has been disposed in the meantime. An example is
    /// <c>() => pipeline.Current</c> with a reloadable pipeline of SqueezeBert.Extensions.
    /// </param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <exception cref="ArgumentException">The model has no prompt of the given name. The message lists the prompts it has.</exception>
    public TextEmbeddingGenerator(Func<TextEmbedder> embedder, TextEmbeddingGeneratorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(embedder);
        _embedder = embedder;
        _options = options ?? new TextEmbeddingGeneratorOptions();
        CheckPrompt(embedder(), _options.PromptName);
    }

    /// <summary>The current embedder.</summary>
    public TextEmbedder Embedder => _embedder();

    /// <summary>The prompt that the options name; null where they leave it to the model.</summary>
    internal string? PromptName => _options.PromptName;

    /// <summary>
    /// A key that identifies the vectors of this generator. It is made of the model's fingerprint, pooling, normalization, dimensions,
    /// prompt and reading options. With equal keys, equal texts have vectors with equal bits. The first access reads the model's files,
    /// unless SqueezeBert.Extensions has loaded the model and done so already.
    /// </summary>
    /// <exception cref="InvalidOperationException">The files have changed since they were loaded.</exception>
    public string CacheKey => KeyOf(Embedder);

    /// <summary>Computes the embeddings of texts.</summary>
    /// <param name="values">The texts.</param>
    /// <param name="options">
    /// The options of the call. Dimensions is the number of leading components that are kept, at most the number of the embedder. If the
    /// model normalizes its vectors, shortened vectors are normalized again. <see cref="EmbeddingProperties.PromptName"/> is an additional
    /// property. ModelId, if it is given, must be the id of this generator's model.
    /// </param>
    /// <param name="cancellationToken">Cancels this call only. A token with a timeout acts as a deadline.</param>
    /// <returns>One embedding per text, in the order of the texts, with the number of tokens as usage.</returns>
    /// <exception cref="ArgumentException">
    /// A text is null (the message has its index), the prompt or the model of the options does not exist, Dimensions is out of range, or a
    /// text has more tokens than are read at once and <see cref="ReadingOptions.LongText"/> is <see cref="LongText.Error"/>.
    /// </exception>
    /// <exception cref="QueueFullException">
    /// The queue is full, and <see cref="ModelOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The embedder or its model has been disposed.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        var texts = values as IReadOnlyList<string> ?? [.. values];
        var prompt = PromptOf(options) ?? _options.PromptName;
        while (true)
        {
            var embedder = _embedder();
            Check(embedder, options);
            try
            {
                var results = await embedder.EmbedAsync(texts, prompt, _options.Reading, cancellationToken).ConfigureAwait(false);
                return Embeddings(embedder, results, options?.Dimensions);
            }
            catch (ObjectDisposedException) when (IsReplaced(embedder))
            {
                // Between the two lines another has taken its place; nothing was computed.
            }
        }
    }

    /// <summary>
    /// Returns the <see cref="EmbeddingGeneratorMetadata"/>, the <see cref="TextEmbedder"/>, its <see cref="InferenceModel"/> or this
    /// generator.
    /// </summary>
    /// <param name="serviceType">The type of the service.</param>
    /// <param name="serviceKey">The key of the service, or null.</param>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        if (serviceType.IsInstanceOfType(this)) return this;
        if (serviceType == typeof(TextEmbedder)) return Embedder;
        if (serviceType == typeof(InferenceModel)) return Embedder.Model;
        if (serviceType != typeof(EmbeddingGeneratorMetadata)) return null;
        var embedder = Embedder;
        return new EmbeddingGeneratorMetadata(Provider, null, ModelId(embedder), embedder.Dimensions);
    }

    /// <summary>Does nothing, because the embedder does not belong to the generator.</summary>
    public void Dispose()
    {
    }

    private static Func<TextEmbedder> Always(TextEmbedder embedder)
    {
        ArgumentNullException.ThrowIfNull(embedder);
        return () => embedder;
    }

    private bool IsReplaced(TextEmbedder embedder)
    {
        try
        {
            return !ReferenceEquals(_embedder(), embedder);
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    private void Check(TextEmbedder embedder, EmbeddingGenerationOptions? options)
    {
        if (options is null) return;
        if (options.ModelId is { } model && model != ModelId(embedder))
            throw new ArgumentException($"this generator's model is '{ModelId(embedder)}', not '{model}'", nameof(options));
        if (options.Dimensions is { } dimensions && (dimensions < 1 || dimensions > embedder.Dimensions))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), dimensions, $"Dimensions: the embedder's vectors have {embedder.Dimensions} components.");
        }

        if (options.AdditionalProperties?.TryGetValue(EmbeddingProperties.CacheKey, out string? key) == true && key != KeyOf(embedder))
            throw new ModelChangedException();
    }

    private static void CheckPrompt(TextEmbedder embedder, string? name)
    {
        if (name is null || embedder.Settings.Prompts.ContainsKey(name)) return;
        var known = embedder.Settings.Prompts.Count == 0
            ? "none" : string.Join(", ", embedder.Settings.Prompts.Keys.Order(StringComparer.Ordinal));
        throw new ArgumentException($"the model has no prompt '{name}'; it has {known}", nameof(name));
    }

    private static string? PromptOf(EmbeddingGenerationOptions? options)
    {
        if (options?.AdditionalProperties?.TryGetValue(EmbeddingProperties.PromptName, out var value) != true || value is null) return null;
        return value as string ?? value.ToString();
    }

    private GeneratedEmbeddings<Embedding<float>> Embeddings(TextEmbedder embedder, IReadOnlyList<TextEmbedding> results, int? dimensions)
    {
        var created = DateTimeOffset.UtcNow;
        var tokens = 0L;
        var embeddings = new GeneratedEmbeddings<Embedding<float>>(results.Count);
        foreach (var result in results)
        {
            tokens += result.Read.TokenCount;
            embeddings.Add(new Embedding<float>(VectorCut.Of(result.Vector, dimensions, embedder.Settings.Normalize))
            {
                CreatedAt = created,
                ModelId = ModelId(embedder),
                AdditionalProperties = new() { [EmbeddingProperties.TokenCount] = result.Read.TokenCount },
            });
        }

        embeddings.Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens };
        return embeddings;
    }

    private string ModelId(TextEmbedder embedder) => _options.ModelId ?? embedder.Configuration.ModelType;

    private string KeyOf(TextEmbedder embedder)
    {
        var reading = embedder.Reading;
        var own = _options.Reading;
        return string.Create(CultureInfo.InvariantCulture,
            $"{embedder.Model.Fingerprint} {embedder.Settings.Pooling} {embedder.Settings.Normalize} {embedder.Dimensions} " +
            $"{own?.MaxLength ?? reading.MaxLength} {own?.MaxCharacters ?? reading.MaxCharacters} {own?.LongText ?? reading.LongText} " +
            $"{_options.PromptName ?? embedder.Settings.DefaultPromptName}");
    }
}
