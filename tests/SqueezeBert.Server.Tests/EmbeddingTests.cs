using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using SqueezeBert.Tests.Pipelines.Classifying;

namespace SqueezeBert.Server.Tests;

/// <summary>Vectors through HTTP have the bits of the library's.</summary>
public sealed class EmbeddingTests
{
    private const string Encoder = "squeezebert-encoder";
    private const string Text = "the film was very good, and the bad was not.";

    [Fact]
    public async Task VectorsHaveTheBitsOfTheLibrary()
    {
        await using var server = await RunningServer.StartAsync(("encoder", Encoder));
        using var folder = new ClassifierFolder(Encoder);
        using var normalized = TextEmbedder.Load(folder.Path, new TextEmbedderOptions { Normalize = true });
        using var plain = TextEmbedder.Load(folder.Path, new TextEmbedderOptions { Normalize = false });
        using var cut = TextEmbedder.Load(folder.Path, new TextEmbedderOptions { Normalize = true, Dimensions = 5 });

        var answer = (await server.PostAsync("/embed", $$"""{"inputs": "{{Text}}"}""")).Is(200);
        Assert.Equal(normalized.Embed(Text).Vector.ToArray(), Floats(answer[0]!));
        answer = (await server.PostAsync("/embed", $$"""{"inputs": ["a", "{{Text}}"], "normalize": false}""")).Is(200);
        Assert.Equal(plain.Embed(Text).Vector.ToArray(), Floats(answer[1]!));
        answer = (await server.PostAsync("/models/encoder/embed", $$"""{"inputs": ["{{Text}}"], "dimensions": 5}""")).Is(200);
        Assert.Equal(cut.Embed(Text).Vector.ToArray(), Floats(answer[0]!));
        answer = (await server.PostAsync("/v1/embeddings", $$"""{"input": "{{Text}}", "model": "any"}""")).Is(200);
        Assert.Equal(normalized.Embed(Text).Vector.ToArray(), Floats(answer["data"]![0]!["embedding"]!));
        Assert.Equal("encoder", (string)answer["model"]!);
        answer = (await server.PostAsync(
            "/v1/embeddings", $$"""{"input": ["a", "{{Text}}"], "encoding_format": "base64", "dimensions": 5}""")).Is(200);
        var bytes = Convert.FromBase64String((string)answer["data"]![1]!["embedding"]!);
        Assert.Equal(cut.Embed(Text).Vector.ToArray(), MemoryMarshal.Cast<byte, float>(bytes).ToArray());
        Assert.Equal(1, (int)answer["data"]![1]!["index"]!);
        var tokens = plain.Embed("a").Read.TokenCount + plain.Embed(Text).Read.TokenCount;
        Assert.Equal(tokens, (int)answer["usage"]!["prompt_tokens"]!);
    }

    /// <summary>Clients of OpenAI have names of their own built in. If only one model is made for vectors, it answers to them.</summary>
    [Theory]
    [InlineData(null, "vectors")]
    [InlineData("text-embedding-3-small", "vectors")]
    [InlineData("vectors", "vectors")]
    [InlineData("labels", "labels")]
    public async Task TheModelThatIsMadeForVectorsAnswersToAnyName(string? name, string expected)
    {
        await using var server = await RunningServer.StartAsync(
            ("labels", "squeezebert-sequence-classification"), ("vectors", Encoder));
        var model = name is null ? "" : $", \"model\": \"{name}\"";
        var answer = (await server.PostAsync("/v1/embeddings", $$"""{"input": "{{Text}}"{{model}}}""")).Is(200);
        Assert.Equal(expected, (string)answer["model"]!);
        var vectors = (await server.PostAsync($"/models/{expected}/embed", $$"""{"inputs": "{{Text}}"}""")).Is(200);
        Assert.Equal(Floats(vectors[0]!), Floats(answer["data"]![0]!["embedding"]!));
    }

    [Fact]
    public async Task TokenIdsAreTheirText()
    {
        await using var server = await RunningServer.StartAsync(("encoder", Encoder));
        var tokens = (await server.PostAsync("/tokenize", $$"""{"inputs": "{{Text}}"}""")).Is(200);
        var ids = $"[{string.Join(',', tokens[0]!.AsArray().Select(token => (int)token!["id"]!))}]";
        var expected = (await server.PostAsync("/embed", $$"""{"inputs": "{{Text}}"}""")).Body;
        Assert.Equal(expected, (await server.PostAsync("/embed", $$"""{"inputs": {{ids}}}""")).Body);
        var answer = (await server.PostAsync("/v1/embeddings", $$"""{"input": [{{ids}}]}""")).Is(200);
        Assert.Equal(expected, $"[{answer["data"]![0]!["embedding"]!.ToJsonString()}]");
        var error = (await server.PostAsync("/v1/embeddings", """{"input": [5, 100000]}""")).Is(422);
        Assert.Equal("input[1]", (string)error["error"]!["param"]!);

        // "a" "##b" "c" is no text of this vocabulary: "ab c" is, but its first word is one that continues a word.
        error = (await server.PostAsync("/v1/embeddings", """{"input": [37, 10]}""")).Is(422);
        Assert.Contains("tokenizer", (string)error["error"]!["message"]!, StringComparison.Ordinal);
    }

    /// <summary>40 tokens are read, and 64 is "film" in this vocabulary: its letters one by one are of no text.</summary>
    [Fact]
    public async Task IdsBehindWhatIsReadAreNotLookedAt()
    {
        await using var server = await RunningServer.StartAsync(("encoder", Encoder));
        const string Letters = "15,44,47,48";
        var films = string.Join(',', Enumerable.Repeat("64", 400));
        var text = string.Join(' ', Enumerable.Repeat("film", 400));
        var expected = await server.PostAsync("/embed", $$"""{"inputs": "{{text}}"}""");
        foreach (var ids in (string[])[films, $"2,{films},3", $"{films},{Letters}"])
        {
            var reply = await server.PostAsync("/embed", $$"""{"inputs": [{{ids}}]}""");
            Assert.Equal(expected.Body, reply.Body);
            Assert.Equal("1", reply.Headers["x-truncated-texts"]);
        }

        (await server.PostAsync("/embed", $$"""{"inputs": [{{Letters}},{{films}}]}""")).IsTei(422, "Validation");
        (await server.PostAsync("/v1/embeddings", $$"""{"input": [{{films}},{{Letters}}], "long_text": "windows"}""")).Is(422);
    }

    /// <summary>Clients of OpenAI send as many texts as it takes.</summary>
    [Fact]
    public async Task OpenAIsRouteTakesItsNumberOfTexts()
    {
        await using var server = await RunningServer.StartAsync(options => options.MaxTexts = 1, [("encoder", Encoder)]);
        var texts = string.Join(',', Enumerable.Repeat("\"a\"", 2048));
        Assert.Equal(2048, (await server.PostAsync("/v1/embeddings", $$"""{"input": [{{texts}}]}""")).Is(200)["data"]!.AsArray().Count);
        (await server.PostAsync("/v1/embeddings", $$"""{"input": [{{texts}}, "a"]}""")).Is(413);
        (await server.PostAsync("/embed", """{"inputs": ["a", "a"]}""")).IsTei(413, "Validation");
    }

    [Fact]
    public async Task WhatSentencesAreComparedWithIsNotCounted()
    {
        await using var server = await RunningServer.StartAsync(options => options.MaxTexts = 1, [("encoder", Encoder)]);
        (await server.PostAsync("/similarity", """{"inputs": {"source_sentence": "a", "sentences": ["b"]}}""")).Is(200);
        (await server.PostAsync("/similarity", """{"inputs": {"source_sentence": "a", "sentences": ["b", "c"]}}"""))
            .IsTei(413, "Validation");
    }

    [Fact]
    public async Task HiddenStatesAndSimilaritiesHaveTheBitsOfTheLibrary()
    {
        await using var server = await RunningServer.StartAsync(("encoder", Encoder));
        using var folder = new ClassifierFolder(Encoder);
        using var extractor = FeatureExtractor.Load(folder.Path);
        using var embedder = TextEmbedder.Load(folder.Path);
        var features = extractor.Extract(Text);
        var answer = (await server.PostAsync("/embed_all", $$"""{"inputs": ["a", "{{Text}}"]}""")).Is(200);
        Assert.Equal(features.TokenCount, answer[1]!.AsArray().Count);
        Assert.Equal(features[3].ToArray(), Floats(answer[1]![3]!));
        answer = (await server.PostAsync(
            "/similarity", """{"inputs": {"source_sentence": "the film", "sentences": ["very good", "the film"]}}""")).Is(200);
        var source = embedder.Embed("the film");
        Assert.Equal([source.Similarity(embedder.Embed("very good")), source.Similarity(source)], Floats(answer));
    }

    [Fact]
    public async Task TokensHaveTheirPlacesInBytes()
    {
        await using var server = await RunningServer.StartAsync(("encoder", Encoder));
        var reply = await server.PostAsync("/tokenize", """{"inputs": ["ü 🙂 good", "a"], "add_special_tokens": false}""");
        var tokens = reply.Is(200)[0]!.AsArray();
        var good = tokens[^1]!;
        Assert.Equal("good", (string)good["text"]!);
        Assert.Equal((8, 12), ((int)good["start"]!, (int)good["stop"]!));
        Assert.False((bool)good["special"]!);
        var special = (await server.PostAsync("/tokenize", """{"inputs": "good"}""")).Is(200)[0]![0]!;
        Assert.Equal("[CLS]", (string)special["text"]!);
        Assert.True((bool)special["special"]!);
        Assert.Null(special["start"]);
        var ids = string.Join(',', tokens.Select(token => (int)token!["id"]!));
        var decoded = (await server.PostAsync("/decode", $$"""{"ids": [[2, {{ids}}, 3]]}""")).Is(200);
        Assert.EndsWith("good", (string)decoded[0]!, StringComparison.Ordinal);
        Assert.DoesNotContain("[CLS]", (string)decoded[0]!, StringComparison.Ordinal);
        decoded = (await server.PostAsync("/decode", $$"""{"ids": [2, {{ids}}, 3], "skip_special_tokens": false}""")).Is(200);
        Assert.StartsWith("[CLS]", (string)decoded[0]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OneTextsAnswerDoesNotDependOnItsNeighbours()
    {
        await using var server = await RunningServer.StartAsync(("encoder", Encoder));
        var alone = (await server.PostAsync("/embed", $$"""{"inputs": "{{Text}}"}""")).Is(200)[0]!.ToJsonString();
        var replies = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => server.PostAsync(
            "/embed", $$"""{"inputs": ["{{string.Concat(Enumerable.Repeat("film ", i))}}", "{{Text}}"]}""")));
        Assert.All(replies, reply => Assert.Equal(alone, reply.Is(200)[1]!.ToJsonString()));
    }

    private static float[] Floats(JsonNode array) => [.. array.AsArray().Select(value => (float)value!)];
}
