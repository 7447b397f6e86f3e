using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using SqueezeBert.Extensions.AI;

namespace SqueezeBert.Extensions.Tests.AI;

/// <summary>Behind a cache: the same bits, the usage, and never another model's vectors.</summary>
public sealed class CacheTests : IDisposable
{
    private static readonly string[] Texts = ["a good film", "the film was very, very bad."];

    private readonly VectorFolder _folder = new();
    private readonly TextEmbedder _embedder;
    private readonly MemoryDistributedCache _cache = new(Microsoft.Extensions.Options.Options.Create(new MemoryDistributedCacheOptions()));

    public CacheTests() => _embedder = TextEmbedder.Load(_folder.Path);

    public void Dispose()
    {
        _embedder.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task CachedVectorsHaveTheSameBitsAndUsageStillAddsUp()
    {
        var counter = new CallCounter();
        var generator = Cached(new TextEmbeddingGenerator(_embedder), counter);
        var first = await generator.GenerateAsync(Texts);
        var again = await generator.GenerateAsync(Texts);
        Assert.Equal(2, counter.Texts);
        var expected = _embedder.Embed(Texts);
        Assert.Equal(expected.Select(one => one.Vector.ToArray()), first.Select(one => one.Vector.ToArray()));
        Assert.Equal(expected.Select(one => one.Vector.ToArray()), again.Select(one => one.Vector.ToArray()));
        var tokens = expected.Sum(one => one.Read.TokenCount);
        Assert.Equal((tokens, 0), (first.Usage!.InputTokenCount, first.Usage.CachedInputTokenCount ?? 0));
        Assert.Equal((tokens, tokens), (again.Usage!.InputTokenCount, again.Usage.CachedInputTokenCount!.Value));

        var mixed = await generator.GenerateAsync([Texts[0], "new"]);
        Assert.Equal(3, counter.Texts);
        Assert.Equal(expected[0].Read.TokenCount, mixed.Usage!.CachedInputTokenCount);
        Assert.Equal(expected[0].Read.TokenCount + _embedder.Embed("new").Read.TokenCount, mixed.Usage.InputTokenCount);
    }

    [Fact]
    public async Task OtherModelsAndSettingsHaveOtherKeys()
    {
        using var other = new VectorFolder("bert-encoder");
        using var otherModel = TextEmbedder.Load(other.Path);
        using var otherPooling = new TextEmbedder(_embedder.Model, new() { Pooling = SqueezeBert.Checkpoints.SentencePooling.Cls });
        using var windows = new TextEmbedder(_embedder.Model, new() { Reading = new() { LongText = LongText.Windows } });
        using var same = TextEmbedder.Load(_folder.Path);
        TextEmbeddingGenerator[] generators =
        [
            new(_embedder), new(otherModel), new(otherPooling), new(windows), new(_embedder, new() { PromptName = "query" }),
            new(_embedder, new() { Reading = new() { MaxLength = 5 } }), new(_embedder, new() { Reading = new() { MaxCharacters = 5 } }),
        ];
        Assert.Equal(generators.Length, generators.Select(one => one.CacheKey).Distinct().Count());
        Assert.Equal(new TextEmbeddingGenerator(same).CacheKey, generators[0].CacheKey);

        var counter = new CallCounter();
        foreach (var generator in generators)
        {
            var embedding = await Cached(generator, counter).GenerateAsync(Texts[1]);
            Assert.Equal((await generator.GenerateAsync(Texts[1])).Vector.ToArray(), embedding.Vector.ToArray());
        }

        Assert.Equal(generators.Length, counter.Texts);
    }

    [Fact]
    public async Task AModelThatIsReplacedMeanwhileIsNotKeptUnderTheOldKey()
    {
        using var other = new VectorFolder("bert-encoder");
        using var otherModel = TextEmbedder.Load(other.Path);
        var current = _embedder;
        var source = new TextEmbeddingGenerator(() => current);
        var counter = new CallCounter { OnCall = () => current = otherModel };
        var generator = Cached(source, counter);

        // The key was the first model's, and the second one came before the computation: it is computed again under its own key.
        var swapped = await generator.GenerateAsync(Texts[0]);
        Assert.Equal(otherModel.Embed(Texts[0]).Vector.ToArray(), swapped.Vector.ToArray());
        Assert.Equal(2, counter.Texts);

        counter.OnCall = null;
        current = _embedder;
        Assert.Equal(_embedder.Embed(Texts[0]).Vector.ToArray(), (await generator.GenerateAsync(Texts[0])).Vector.ToArray());
        Assert.Equal(3, counter.Texts);
        current = otherModel;
        Assert.Equal(otherModel.Embed(Texts[0]).Vector.ToArray(), (await generator.GenerateAsync(Texts[0])).Vector.ToArray());
        Assert.Equal(3, counter.Texts);
    }

    [Fact]
    public void ItNeedsAGeneratorBehindIt() => Assert.Throws<ArgumentException>(
        () => new FingerprintedEmbeddingGenerator(new CallCounter.Generator(null!, new CallCounter())));

    private IEmbeddingGenerator<string, Embedding<float>> Cached(TextEmbeddingGenerator generator, CallCounter counter) =>
        generator.AsBuilder()
            .Use(inner => new FingerprintedEmbeddingGenerator(inner))
            .UseDistributedCache(_cache)
            .Use(inner => new CallCounter.Generator(inner, counter))
            .Build();

    /// <summary>Stands behind the cache, and sees what it does not know.</summary>
    private sealed class CallCounter
    {
        public int Texts { get; private set; }

        public Action? OnCall { get; set; }

        public sealed class Generator(IEmbeddingGenerator<string, Embedding<float>>? inner, CallCounter counter)
            : IEmbeddingGenerator<string, Embedding<float>>
        {
            public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
                IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
            {
                counter.Texts += values.Count();
                counter.OnCall?.Invoke();
                return inner!.GenerateAsync(values, options, cancellationToken);
            }

            public object? GetService(Type serviceType, object? serviceKey = null) => inner?.GetService(serviceType, serviceKey);

            public void Dispose() => inner?.Dispose();
        }
    }
}
