using System.ClientModel;
using OpenAI;
using OpenAI.Embeddings;
using OpenAI.Models;
using SqueezeBert.Tests.Pipelines.Classifying;

namespace SqueezeBert.Server.Tests;

/// <summary>OpenAI's own client, as it is.</summary>
public sealed class OpenAIClientTests
{
    private const string Encoder = "squeezebert-encoder";

    [Fact]
    public async Task TheOfficialClientWorksUnchanged()
    {
        await using var server = await RunningServer.StartAsync(
            options => options.ApiKeys = ["a-key"], [("encoder", Encoder)]);
        using var folder = new ClassifierFolder(Encoder);
        using var embedder = TextEmbedder.Load(folder.Path, new TextEmbedderOptions { Normalize = true });
        using var cut = TextEmbedder.Load(folder.Path, new TextEmbedderOptions { Normalize = true, Dimensions = 7 });
        var endpoint = new OpenAIClientOptions { Endpoint = new Uri(server.Address, "v1") };
        var client = new EmbeddingClient("encoder", new ApiKeyCredential("a-key"), endpoint);

        OpenAIEmbedding one = await client.GenerateEmbeddingAsync("the film was good");
        Assert.Equal(embedder.Embed("the film was good").Vector.ToArray(), one.ToFloats().ToArray());
        OpenAIEmbeddingCollection two = await client.GenerateEmbeddingsAsync(
            ["a", "the film was good"], new EmbeddingGenerationOptions { Dimensions = 7 });
        Assert.Equal(cut.Embed("the film was good").Vector.ToArray(), two[1].ToFloats().ToArray());
        Assert.Equal("encoder", two.Model);
        Assert.Equal(9, two.Usage.InputTokenCount);
        var ids = embedder.Tokenizer.Encode("the film was good").IdsMemory;
        OpenAIEmbeddingCollection ofIds = await client.GenerateEmbeddingsAsync([ids]);
        Assert.Equal(one.ToFloats().ToArray(), ofIds[0].ToFloats().ToArray());

        var models = new OpenAIModelClient(new ApiKeyCredential("a-key"), endpoint);
        OpenAIModelCollection all = await models.GetModelsAsync();
        Assert.Equal(["encoder"], all.Select(model => model.Id));
        OpenAIModel known = await models.GetModelAsync("encoder");
        Assert.Equal("squeezebert", known.OwnedBy);
    }

    [Fact]
    public async Task TheOfficialClientSeesErrors()
    {
        await using var server = await RunningServer.StartAsync(
            options => options.ApiKeys = ["a-key"], [("one", Encoder), ("two", Encoder)]);
        var endpoint = new OpenAIClientOptions { Endpoint = new Uri(server.Address, "v1") };
        var error = await Assert.ThrowsAsync<ClientResultException>(
            () => new EmbeddingClient("one", new ApiKeyCredential("other"), endpoint).GenerateEmbeddingAsync("a"));
        Assert.Equal(401, error.Status);
        error = await Assert.ThrowsAsync<ClientResultException>(
            () => new EmbeddingClient("three", new ApiKeyCredential("a-key"), endpoint).GenerateEmbeddingAsync("a"));
        Assert.Equal(404, error.Status);
        Assert.Contains("model_not_found", error.Message, StringComparison.Ordinal);
        Assert.Contains("one, two", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<ClientResultException>(
            () => new EmbeddingClient("one", new ApiKeyCredential("a-key"), endpoint)
                .GenerateEmbeddingAsync("a", new EmbeddingGenerationOptions { Dimensions = 49 }));
        Assert.Equal(422, error.Status);
        Assert.Contains("48 components", error.Message, StringComparison.Ordinal);
    }
}
