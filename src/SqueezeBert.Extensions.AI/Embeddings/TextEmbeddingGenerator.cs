using System.Globalization;
using Microsoft.Extensions.AI;
using SqueezeBert.Extensions.AI.Embeddings;

namespace SqueezeBert.Extensions.AI;

/// <summary>
/// A <see cref="TextEmbedder"/> as the embedding generator of Microsoft.Extensions.AI. Calls go through the model's queue, where they meet
/// those of all its pipelines. Thread-safe. The embedder is borrowed: disposing this leaves it alone.
/// </summary>
public sealed class TextEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private const string Provider = "squeezebert";

    private readonly Func<TextEmbedder> _embedder;
    private readonly TextEmbeddingGeneratorOptions _options;

    /// <summary>Makes one of an embedder.</summary>
    /// <param name="embedder">Must live as long as this.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ArgumentException">The model has no prompt of the options' name; the message lists those it has.</exception>
    public TextEmbeddingGenerator(TextEmbedder embedder, TextEmbeddingGeneratorOptions? options = null)
        : this(Always(embedder), options)
    {
    }

    /// <summary>Makes one of an embedder that may be replaced by another while calls run.</summary>
    /// <param name="embedder">Gives the embedder of now; it is asked at each call, and again where the one that it gave was disposed
    /// meanwhile. <c>() => pipeline.Current</c> of a reloadable pipeline of SqueezeBert.Extensions.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ArgumentException">The model has no prompt of the options' name; the message lists those it has.</exception>
    public TextEmbeddingGenerator(Func<TextEmbedder> embedder, TextEmbeddingGeneratorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(embedder);
        _embedder = embedder;
        _options = options ?? new TextEmbeddingGeneratorOptions();
        CheckPrompt(embedder(), _options.PromptName);
    }

    /// <summary>The embedder of now.</summary>
    public TextEmbedder Embedder => _embedder();

    /// <summary>The prompt that the options name; null where they leave it to the model.</summary>
    internal string? PromptName => _options.PromptName;

    /// <summary>
    /// Tells what this makes from what other models or settings make: the model's fingerprint, pooling, dimensions, prompt and reading.
    /// Equal keys mean equal bits for equal texts. The model's files are read for it at the first call, unless it was loaded by
    /// SqueezeBert.Extensions, which has done so.
    /// </summary>
    /// <exception cref="InvalidOperationException">The files were changed after they were loaded.</exception>
    public string CacheKey => KeyOf(Embedder);

    /// <summary>Makes the embeddings of texts.</summary>
    /// <param name="values">The texts.</param>
    /// <param name="options">
    /// Dimensions: how many of the first components are kept, at most as many as the embedder gives; those of a model that divides its
    /// vectors by their length are divided again. Additional properties: <see cref="EmbeddingProperties.PromptName"/>. The model's name, if
    /// it is given, must be this one's.
    /// </param>
    /// <param name="cancellationToken">Ends this call only; with a timeout it is a deadline.</param>
    /// <returns>As many embeddings, in the order of the texts, and the tokens that were read as usage.</returns>
    /// <exception cref="ArgumentException">A text is null (the message has its index), or longer than is read where that is an error, or
    /// there is no such prompt or model.</exception>
    /// <exception cref="QueueFullException">The queue is full, and the model's options say that calls do not wait for room.</exception>
    /// <exception cref="ObjectDisposedException">The embedder or its model is disposed.</exception>
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
    /// Gives <see cref="EmbeddingGeneratorMetadata"/>, the <see cref="TextEmbedder"/>, its <see cref="InferenceModel"/>, or this.
    /// </summary>
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

    /// <summary>Does nothing: the embedder is not this one's.</summary>
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
