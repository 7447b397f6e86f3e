using System.Diagnostics;
using Microsoft.Extensions.AI;
using SqueezeBert.Extensions.AI;

namespace SqueezeBert.Extensions.Tests.AI;

/// <summary>The embedding generator gives what the embedder gives, and says what its users ask.</summary>
public sealed class GeneratorTests : IDisposable
{
    private static readonly string[] Texts = ["a good film", "the film was very, very bad.", "was it?"];

    private readonly VectorFolder _folder = new();
    private readonly TextEmbedder _embedder;

    public GeneratorTests() => _embedder = TextEmbedder.Load(_folder.Path);

    public void Dispose()
    {
        _embedder.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task VectorsHaveTheEmbeddersBitsAndUsageAddsUp()
    {
        using var generator = new TextEmbeddingGenerator(_embedder);
        var embeddings = await generator.GenerateAsync(Texts);
        var expected = _embedder.Embed(Texts);
        Assert.Equal(expected.Select(one => one.Vector.ToArray()), embeddings.Select(one => one.Vector.ToArray()));
        Assert.Equal(expected.Sum(one => one.Read.TokenCount), embeddings.Usage!.InputTokenCount);
        Assert.Equal(embeddings.Usage.InputTokenCount, embeddings.Usage.TotalTokenCount);
        Assert.All(embeddings, (one, i) => Assert.Equal(
            (expected[i].Read.TokenCount, "squeezebert"), (one.AdditionalProperties![EmbeddingProperties.TokenCount], one.ModelId)));
        Assert.Empty(await generator.GenerateAsync([]));
    }

    [Fact]
    public void ServicesAreFound()
    {
        using var generator = new TextEmbeddingGenerator(_embedder, new() { ModelId = "tiny" });
        var metadata = generator.GetRequiredService<EmbeddingGeneratorMetadata>();
        Assert.Equal(("squeezebert", "tiny", 48),
            (metadata.ProviderName, metadata.DefaultModelId, metadata.DefaultModelDimensions!.Value));
        Assert.Same(_embedder, generator.GetService<TextEmbedder>());
        Assert.Same(_embedder.Model, generator.GetService<InferenceModel>());
        Assert.Same(generator, generator.GetService<TextEmbeddingGenerator>());
        Assert.Same(generator, generator.GetService<IEmbeddingGenerator<string, Embedding<float>>>());
        Assert.Null(generator.GetService(typeof(TextEmbedder), "key"));
        Assert.Null(generator.GetService(typeof(string)));
    }

    [Fact]
    public async Task FewerDimensionsAreCutAndNormalized()
    {
        using var generator = new TextEmbeddingGenerator(_embedder);
        using var cut = new TextEmbedder(_embedder.Model, new() { Dimensions = 16 });
        var embedding = await generator.GenerateAsync(Texts[1], new() { Dimensions = 16 });
        var expected = cut.Embed(Texts[1]).Vector.ToArray();
        Assert.Equal(16, embedding.Vector.Length);
        Assert.All(expected, (value, i) => Assert.Equal(value, embedding.Vector.Span[i], 1e-6f));
        var whole = await generator.GenerateVectorAsync(Texts[1], new() { Dimensions = 48 });
        Assert.Equal(_embedder.Embed(Texts[1]).Vector.ToArray(), whole.ToArray());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => generator.GenerateAsync(Texts, new() { Dimensions = 49 }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => generator.GenerateAsync(Texts, new() { Dimensions = 0 }));
    }

    [Fact]
    public async Task PromptsAreOfTheGeneratorOrTheCall()
    {
        using var generator = new TextEmbeddingGenerator(_embedder, new() { PromptName = "document" });
        Assert.Equal(
            _embedder.Embed(Texts[0], "document").Vector.ToArray(), (await generator.GenerateVectorAsync(Texts[0])).ToArray());
        var query = new EmbeddingGenerationOptions { AdditionalProperties = new() { [EmbeddingProperties.PromptName] = "query" } };
        Assert.Equal(_embedder.Embed(Texts[0], "query").Vector.ToArray(), (await generator.GenerateVectorAsync(Texts[0], query)).ToArray());
        var error = Assert.Throws<ArgumentException>(() => new TextEmbeddingGenerator(_embedder, new() { PromptName = "passage" }));
        Assert.Contains("it has document, query", error.Message);
        query.AdditionalProperties["prompt_name"] = "none";
        await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync(Texts, query));
    }

    [Fact]
    public async Task WrongCallsAreRefused()
    {
        using var generator = new TextEmbeddingGenerator(_embedder, new() { Reading = new() { MaxLength = 5, LongText = LongText.Error } });
        Assert.Contains("1", (await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync(["a", null!]))).Message);
        await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync(["a b c d e f g"]));
        await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync(["a"], new() { ModelId = "gpt" }));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => generator.GenerateAsync(["a"], cancellationToken: new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task AnEmbedderThatIsReplacedMeanwhileIsAskedForAgain()
    {
        var first = new TextEmbedder(_embedder.Model);
        var current = first;
        using var generator = new TextEmbeddingGenerator(() => current);
        first.Dispose();
        var asked = 0;
        using var second = new TextEmbedder(_embedder.Model);
        using var switching = new TextEmbeddingGenerator(() => asked++ < 2 ? first : second);
        Assert.Equal(_embedder.Embed(Texts[0]).Vector.ToArray(), (await switching.GenerateVectorAsync(Texts[0])).ToArray());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => generator.GenerateAsync(Texts));
    }

    [Fact]
    public async Task TelemetryHasTheModelAndTheTokens()
    {
        var activities = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "SqueezeBert.Extensions.Tests",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activities.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using var generator = new TextEmbeddingGenerator(_embedder).AsBuilder()
            .UseOpenTelemetry(sourceName: "SqueezeBert.Extensions.Tests").Build();
        var embeddings = await generator.GenerateAsync(Texts);
        var activity = Assert.Single(activities);
        Assert.Equal("squeezebert", activity.GetTagItem("gen_ai.request.model"));
        Assert.Equal((int)embeddings.Usage!.InputTokenCount!, activity.GetTagItem("gen_ai.usage.input_tokens"));
    }
}
