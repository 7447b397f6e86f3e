using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines.Embedding;
using SqueezeBert.Tests.Pipelines.Classifying;

namespace SqueezeBert.Tests.Pipelines.Embedding;

public class TextEmbedderTests
{
    private const string Text = "The film was very good.";

    // Three tokens of two channels.
    private static readonly float[] Hidden = [1, -2, 3, 4, -5, 6];

    [Theory]
    [InlineData(SentencePooling.Mean, 0, -1f / 3, 8f / 3)]
    [InlineData(SentencePooling.Mean, 1, -1f, 5f)]
    [InlineData(SentencePooling.Cls, 1, 1f, -2f)]
    [InlineData(SentencePooling.Max, 0, 3f, 6f)]
    [InlineData(SentencePooling.Max, 2, -5f, 6f)]
    [InlineData(SentencePooling.MeanSqrtLength, 1, -1.41421356f, 7.0710678f)]
    [InlineData(SentencePooling.WeightedMean, 0, (1 + 6 - 15) / 6f, (-2 + 8 + 18) / 6f)]
    [InlineData(SentencePooling.WeightedMean, 1, (6 - 15) / 5f, (8 + 18) / 5f)]
    [InlineData(SentencePooling.LastToken, 0, -5f, 6f)]
    public void PoolingMakesOneVectorOfTheTokensThatTakePart(SentencePooling pooling, int skipped, float first, float second)
    {
        var vector = new float[2];
        TokenPooling.Apply(pooling, Hidden, skipped, vector);
        Assert.Equal(first, vector[0], 1e-6f);
        Assert.Equal(second, vector[1], 1e-6f);
    }

    [Fact]
    public void CosinesOfKnownAngles()
    {
        Assert.Equal(0.6f, VectorSimilarity.Cosine([1, 0], [3, 4]), 1e-6f);
        Assert.Equal(-1, VectorSimilarity.Cosine([1, 2, 3], [-2, -4, -6]));
        Assert.Equal(0, VectorSimilarity.Cosine([0, 0], [3, 4]));
        Assert.Throws<ArgumentException>(() => VectorSimilarity.Cosine([1], [1, 2]));
    }

    [Fact]
    public void AnEncoderWithoutSettingsGivesTheMeanOfItsHiddenStates()
    {
        using var folder = new ClassifierFolder("squeezebert-encoder");
        using var embedder = TextEmbedder.Load(folder.Path);
        var embedding = embedder.Embed(Text);
        AssertClose(Mean(folder.Path, Text, 0), embedding.Vector.Span);
        Assert.Equal(8, embedding.Read.TokenCount);
        Assert.False(embedding.Read.IsTruncated);
    }

    [Theory]
    [InlineData("squeezebert-sequence-classification")]
    [InlineData("squeezebert-masked-lm")]
    public void AHeadIsNotUsed(string model)
    {
        using var folder = new ClassifierFolder(model);
        using var embedder = TextEmbedder.Load(folder.Path);
        AssertClose(Mean(folder.Path, Text, 0), embedder.Embed(Text).Vector.Span);
    }

    [Fact]
    public void ASentenceTransformersFolderSaysHow()
    {
        using var folder = SentenceTransformers("mean", includesPrompt: false, maxLength: 9);
        using var embedder = TextEmbedder.Load(folder.Path);
        Assert.Equal((9, 48, true), (embedder.MaxLength, embedder.Dimensions, embedder.Settings.Normalize));

        // "the film: " are three tokens; they and [CLS] take no part in the mean.
        var plain = Mean(folder.Path, "the film: good", 4);
        var length = Math.Sqrt(plain.Sum(value => value * value));
        AssertClose([.. plain.Select(value => value / length)], embedder.Embed("good", "query").Vector.Span);
        Assert.Equal(1, embedder.Embed(Text).Vector.ToArray().Sum(value => (double)value * value), 1e-5);
        Assert.True(embedder.Embed(Text + Text).Read.IsTruncated);
        Assert.Equal(9, embedder.Embed(Text + Text).Read.TokenCount);
        var error = Assert.Throws<ArgumentException>(() => embedder.Embed(Text, "passage"));
        Assert.Contains("query", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFileIsNotAFolder()
    {
        using var folder = new ClassifierFolder("squeezebert-encoder");
        var file = Path.Combine(folder.Path, "model.safetensors");
        Assert.Contains("is a file", Assert.Throws<InvalidModelFileException>(() => TextEmbedder.Load(file)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void OptionsComeBeforeTheFolder()
    {
        using var folder = SentenceTransformers("mean", includesPrompt: true, maxLength: 9);
        using var embedder = TextEmbedder.Load(folder.Path,
            new TextEmbedderOptions
            {
                Reading = new() { MaxLength = 20 },
                Pooling = SentencePooling.Cls,
                Normalize = false,
                Dimensions = 5
            });
        using var plain = new PlainModel(folder.Path, ModelHead.None);
        var hidden = plain.Run(plain.Tokenizer.Encode(Text), OutputNames.LastHiddenState);
        AssertClose([.. hidden.Take(5).Select(value => (double)value)], embedder.Embed(Text).Vector.Span);
        Assert.Equal(20, embedder.MaxLength);
        Assert.Throws<ArgumentOutOfRangeException>(() => TextEmbedder.Load(folder.Path, new TextEmbedderOptions { Dimensions = 49 }));
    }

    [Fact]
    public void ManyTextsGiveWhatEachGivesAlone()
    {
        using var folder = new ClassifierFolder("squeezebert-encoder");
        using var embedder = TextEmbedder.Load(folder.Path, null, new ModelOptions { BatchTokens = 20 });
        var texts = Enumerable.Range(0, 30).Select(i => string.Join(' ', Enumerable.Repeat("good film", i % 9))).ToList();
        var together = embedder.Embed(texts);
        Assert.Equal(texts.Count, together.Count);
        for (var i = 0; i < texts.Count; i++) Assert.Equal(embedder.Embed(texts[i]).Vector.ToArray(), together[i].Vector.ToArray());
        Assert.Equal(1, together[3].Similarity(together[12]), 1e-6f);
        Assert.True(together[3].Similarity(together[4]) < 0.9999f);
    }

    [Fact]
    public void TheInnerPathAllocatesNothingAndAgrees()
    {
        using var folder = SentenceTransformers("mean", includesPrompt: false, maxLength: 20);
        using var embedder = TextEmbedder.Load(folder.Path);
        var vector = new float[48];
        for (var i = 0; i < 50; i++) embedder.Embed(Text.AsSpan(), vector, out _, "query");
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 20; i++) embedder.Embed(Text.AsSpan(), vector, out _, "query");
        }));
        Assert.Equal(embedder.Embed(Text, "query").Vector.ToArray(), vector);
    }

    internal static ClassifierFolder SentenceTransformers(string pooling, bool includesPrompt, int maxLength)
    {
        var folder = new ClassifierFolder("squeezebert-encoder");
        Directory.CreateDirectory(Path.Combine(folder.Path, "1_Pooling"));
        File.WriteAllText(
            Path.Combine(folder.Path, "modules.json"),
            """
            [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
             {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
             {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]
            """);
        File.WriteAllText(Path.Combine(folder.Path, "1_Pooling", "config.json"),
            $$"""{"pooling_mode": "{{pooling}}", "include_prompt": {{(includesPrompt ? "true" : "false")}}}""");
        File.WriteAllText(Path.Combine(folder.Path, "sentence_bert_config.json"),
            $$"""{"max_seq_length": {{maxLength}}, "do_lower_case": false}""");
        File.WriteAllText(Path.Combine(folder.Path, "config_sentence_transformers.json"), """{"prompts": {"query": "the film: "}}""");
        return folder;
    }

    private static double[] Mean(string path, string text, int skipped)
    {
        using var plain = new PlainModel(path, ModelHead.None);
        var hidden = plain.Run(plain.Tokenizer.Encode(text), OutputNames.LastHiddenState);
        var rows = hidden.Chunk(plain.Configuration.HiddenSize).Skip(skipped).ToList();
        return [.. Enumerable.Range(0, plain.Configuration.HiddenSize).Select(channel => rows.Average(row => (double)row[channel]))];
    }

    private static void AssertClose(double[] expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-5);
    }
}
