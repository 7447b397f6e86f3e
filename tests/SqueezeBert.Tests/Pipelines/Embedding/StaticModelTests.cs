using SqueezeBert.Checkpoints;

namespace SqueezeBert.Tests.Pipelines.Embedding;

/// <summary>Static embeddings against means that are computed here in float64 from the numbers that the folder was written with.</summary>
public class StaticModelTests
{
    private const string Text = "The film was goodly, was it?";

    // "," "it" and "?" are not of the vocabulary.
    private static readonly int[] Known = [5, 6, 7, 8, 9, 7];

    private static readonly float[] Table = StaticFolder.Table(StaticFolder.Tokens.Length);

    [Theory]
    [InlineData("F32", false)]
    [InlineData("F32", true)]
    [InlineData("F16", false)]
    [InlineData("F16", true)]
    public void AVectorIsTheMeanOfTheKnownTokens(string type, bool normalize)
    {
        using var folder = new StaticFolder(
            $$"""{"model_type":"model2vec","hidden_dim":5,"normalize":{{(normalize ? "true" : "false")}}}""");
        folder.Write(("embeddings", type, [StaticFolder.Tokens.Length, StaticFolder.Width], Table));
        using var embedder = TextEmbedder.Load(folder.Path);
        Assert.Equal((StaticFolder.Width, 512, normalize), (embedder.Dimensions, embedder.MaxLength, embedder.Settings.Normalize));
        var embedding = embedder.Embed(Text);
        Assert.Equal((Known.Length, 1, false), (embedding.Read.TokenCount, embedding.Read.WindowCount, embedding.Read.IsTruncated));
        var table = type == "F16" ? [.. Table.Select(value => (float)(Half)value)] : Table;
        AssertClose(Mean(Known, id => Row(table, id), normalize), embedding);
    }

    [Fact]
    public void SmallIntegersAreTheNumbersThemselves()
    {
        using var folder = new StaticFolder();
        float[] table = [.. Enumerable.Range(0, Table.Length).Select(i => (float)(((i * 37) % 255) - 127))];
        folder.Write(("embeddings", "I8", [StaticFolder.Tokens.Length, StaticFolder.Width], table));
        using var embedder = TextEmbedder.Load(folder.Path);
        AssertClose(Mean(Known, id => Row(table, id), false), embedder.Embed(Text));
    }

    [Theory]
    [InlineData("I32", true)]
    [InlineData("I64", true)]
    [InlineData("I64", false)]
    public void TokensMayShareRowsAndHaveWeights(string type, bool hasWeights)
    {
        using var folder = new StaticFolder();
        float[] mapping = [0, 0, 0, 0, 0, 3, 1, 2, 1, 0, 2];
        float[] weights = [1, 1, 1, 1, 1, 0.25f, 2, 0.5f, 3, -1.5f, 1];
        var small = StaticFolder.Table(4);
        folder.Write([("embeddings", "F32", [4, 5], small), ("mapping", type, [11], mapping),
            .. hasWeights ? [("weights", "F32", new long[] { 11 }, weights)] : Array.Empty<(string, string, long[], float[])>()]);
        using var embedder = TextEmbedder.Load(folder.Path);
        var configuration = Assert.IsType<StaticConfiguration>(embedder.Configuration);
        Assert.Equal((11, 5, 4, hasWeights),
            (configuration.VocabularySize, configuration.HiddenSize, configuration.TableRows, configuration.HasTokenWeights));
        AssertClose(Mean(Known, id => [.. Row(small, (int)mapping[id]).Select(value => value * (hasWeights ? weights[id] : 1))], false),
            embedder.Embed(Text));
    }

    [Fact]
    public void WeightsNeedNoMapping()
    {
        using var folder = new StaticFolder();
        float[] weights = [.. Enumerable.Range(0, 11).Select(i => i / 8f)];
        folder.Write(("embeddings", "F32", [11, 5], Table), ("weights", "F16", [11], weights));
        using var embedder = TextEmbedder.Load(folder.Path);
        AssertClose(Mean(Known, id => [.. Row(Table, id).Select(value => value * weights[id])], false), embedder.Embed(Text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \t ")]
    [InlineData("Unknown words, all!")]
    public void ATextWithoutAKnownTokenHasTheVectorZero(string text)
    {
        using var folder = new StaticFolder("""{"model_type":"model2vec","normalize":true}""");
        using var embedder = TextEmbedder.Load(folder.Path);
        var embedding = embedder.Embed(text);
        Assert.Equal(new float[5], embedding.Vector.ToArray());
        Assert.Equal((0, false), (embedding.Read.TokenCount, embedding.Read.IsTruncated));
        using var features = FeatureExtractor.Load(folder.Path);
        Assert.Equal((0, 5), (features.Extract(text).TokenCount, features.Extract(text).Width));
    }

    [Theory]
    [InlineData("0_StaticEmbedding", false)]
    [InlineData("0_StaticEmbedding", true)]
    [InlineData("", true)]
    public void AFolderOfSentenceTransformersReadsUnknownTokensToo(string path, bool normalize)
    {
        using var folder = StaticFolder.SentenceTransformers(path, normalize ? ["StaticEmbedding", "Normalize"] : ["StaticEmbedding"]);
        using var embedder = TextEmbedder.Load(folder.Path);
        AssertClose(Mean([5, 6, 7, 8, 9, 1, 7, 1, 1], id => Row(Table, id), normalize), embedder.Embed(Text));
        Assert.Equal(600, embedder.Embed(string.Concat(Enumerable.Repeat("film ", 600))).Read.TokenCount);
        Assert.Equal(new float[5], embedder.Embed("").Vector.ToArray());
    }

    [Fact]
    public void TheConfigurationOfModel2VecSaysWhetherVectorsAreNormalized()
    {
        using var folder = new StaticFolder("""{"model_type":"model2vec","normalize":false}""");
        folder.WriteModules(".", "StaticEmbedding", "Normalize");
        Assert.False(SentenceEncoderSettings.Load(folder.Path).Normalize);
        File.WriteAllText(Path.Combine(folder.Path, "config.json"), """{"model_type":"model2vec"}""");
        Assert.True(SentenceEncoderSettings.Load(folder.Path).Normalize);
    }

    /// <summary>512 tokens that are known, of a text cut to 512 times the median length of a token.</summary>
    [Fact]
    public void LongTextsAreCutAsTheReferenceCutsThem()
    {
        using var folder = new StaticFolder();
        using var embedder = TextEmbedder.Load(folder.Path);

        // The tokens have 5, 5, 5, 5, 6, 3, 4, 3, 4, 4 and 1 characters: in the middle 4, and 2048 characters are read.
        var many = embedder.Embed(string.Concat(Enumerable.Repeat("zz. ", 600)));
        Assert.Equal((512, true), (many.Read.TokenCount, many.Read.IsTruncated));
        var wide = embedder.Embed(string.Concat(Enumerable.Repeat("film    ", 600)));
        Assert.Equal((256, true), (wide.Read.TokenCount, wide.Read.IsTruncated));

        // A pair of surrogates counts as one character.
        var emoji = embedder.Embed(string.Concat(Enumerable.Repeat("film \U0001F600 ", 290)) + " was");
        Assert.Equal((291, false), (emoji.Read.TokenCount, emoji.Read.IsTruncated));
        using var shorter = TextEmbedder.Load(folder.Path, new TextEmbedderOptions { Reading = new() { MaxLength = 3 } });
        AssertClose(Mean([5, 6], id => Row(Table, id), false), shorter.Embed("the it film was good"));
        AssertClose(Mean([5, 10, 10], id => Row(Table, id), false), shorter.Embed("the it...."));
        using var windows = TextEmbedder.Load(folder.Path, new TextEmbedderOptions { Reading = new() { LongText = LongText.Windows } });
        Assert.Equal(600, windows.Embed(string.Concat(Enumerable.Repeat("film    ", 600))).Read.TokenCount);
    }

    [Fact]
    public void BatchesGiveTheSameBitsAsTextsAlone()
    {
        using var folder = new StaticFolder("""{"model_type":"model2vec","normalize":true}""");
        using var embedder = TextEmbedder.Load(folder.Path, null, new ModelOptions { BatchTokens = 7 });
        string[] texts = [.. Enumerable.Range(0, 40).Select(i => string.Join(' ', Enumerable.Range(0, i % 9)
            .Select(j => ((i * 5) + (j * 3)) % 7 == 0 ? "unknown" : StaticFolder.Tokens[5 + (((i * i) + j) % 6)])))];
        var together = embedder.Embed(texts);
        for (var i = 0; i < texts.Length; i++)
            Assert.Equal(embedder.Embed(texts[i]).Vector.ToArray(), together[i].Vector.ToArray());
    }

    /// <summary>Model2Vec takes the special tokens out of a vocabulary, and what puts them around texts.</summary>
    [Fact]
    public void AVocabularyWithoutSpecialTokensIsEnough()
    {
        using var folder = new StaticFolder();
        var file = Path.Combine(folder.Path, "tokenizer.json");
        var json = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(file))!;
        json["post_processor"] = null;
        var added = json["added_tokens"]!.AsArray();
        for (var i = added.Count - 1; i >= 0; i--)
        {
            if ((string?)added[i]!["content"] is "[CLS]" or "[SEP]" or "[MASK]") added.RemoveAt(i);
        }

        var vocabulary = json["model"]!["vocab"]!.AsObject();
        foreach (var (content, i) in new[] { "[CLS]", "[SEP]", "[MASK]" }.Select((content, i) => (content, i)))
        {
            vocabulary.Remove(content);
            vocabulary.Add($"piece{i}", 2 + i);
        }

        File.WriteAllText(file, json.ToJsonString());
        foreach (var name in (string[])["special_tokens_map.json", "tokenizer_config.json"]) File.Delete(Path.Combine(folder.Path, name));
        using var embedder = TextEmbedder.Load(folder.Path);
        AssertClose(Mean(Known, id => Row(Table, id), false), embedder.Embed(Text));
        Assert.Equal((-1, -1), (embedder.Tokenizer.ClsTokenId, embedder.Tokenizer.SepTokenId));
        Assert.Equal([6], embedder.Tokenizer.Encode("film").Ids.ToArray());

        // Saved and read again it is the same, and no encoder takes it.
        var copy = Directory.CreateDirectory(Path.Combine(folder.Path, "copy")).FullName;
        embedder.Tokenizer.Save(copy);
        Assert.Equal(-1, SqueezeBert.Tokenization.BertTokenizer.Load(copy).ClsTokenId);
        var bert = NewModel.Configure("bert-tiny", tokenizer: embedder.Tokenizer);
        NewModel.Save(Path.Combine(folder.Path, "bert"), bert, embedder.Tokenizer);
        var error = Assert.Throws<InvalidModelFileException>(() => TextEmbedder.Load(Path.Combine(folder.Path, "bert")));
        Assert.Contains("lacks [CLS] or [SEP]", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The reference puts nothing around a text here, whatever the vocabulary has.</summary>
    [Fact]
    public void ATokenizerWithoutAPostProcessorMayHaveSpecialTokens()
    {
        using var folder = new StaticFolder();
        var file = Path.Combine(folder.Path, "tokenizer.json");
        var json = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(file))!;
        json["post_processor"] = null;
        File.WriteAllText(file, json.ToJsonString());
        using (var embedder = TextEmbedder.Load(folder.Path))
            AssertClose(Mean(Known, id => Row(Table, id), false), embedder.Embed(Text));

        // An encoder would read the texts without [CLS] and [SEP].
        var bert = Path.Combine(folder.Path, "bert");
        var tokenizer = SqueezeBert.Tokenization.BertTokenizer.Load(folder.Path);
        NewModel.Save(bert, NewModel.Configure("bert-tiny", tokenizer: tokenizer), tokenizer);
        var error = Assert.Throws<InvalidModelFileException>(() => TextEmbedder.Load(bert));
        Assert.Contains("its tokenizer.json has no post_processor", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FeaturesAreTheRowsOfTheKnownTokens()
    {
        using var folder = new StaticFolder();
        using var extractor = FeatureExtractor.Load(folder.Path);
        var features = extractor.Extract(Text);
        Assert.Equal(Known, features.TokenIds.ToArray());
        Assert.Equal(Known.SelectMany(id => Row(Table, id)), features.Values.ToArray());
        var words = features.Offsets.ToArray().Select(offset => Text[offset.Start..offset.End]);
        Assert.Equal(["The", "film", "was", "good", "ly", "was"], words);
    }

    [Fact]
    public void OtherTasksSayWhatTheModelIs()
    {
        using var folder = new StaticFolder();
        var error = Assert.Throws<UnsupportedModelException>(() => TextClassifier.Load(folder.Path));
        Assert.Contains("StaticModel", error.Message, StringComparison.Ordinal);
    }

    private static float[] Row(float[] table, int row) => table[(row * StaticFolder.Width)..((row + 1) * StaticFolder.Width)];

    private static double[] Mean(int[] ids, Func<int, float[]> row, bool normalize)
    {
        var mean = new double[StaticFolder.Width];
        foreach (var id in ids)
        {
            for (var i = 0; i < mean.Length; i++) mean[i] += row(id)[i] / (double)ids.Length;
        }

        var length = normalize ? Math.Sqrt(mean.Sum(value => value * value)) : 1;
        return [.. mean.Select(value => value / length)];
    }

    private static void AssertClose(double[] expected, TextEmbedding actual)
    {
        Assert.Equal(expected.Length, actual.Vector.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual.Vector.Span[i]) <= 1e-6 * Math.Max(1, Math.Abs(expected[i])),
                $"component {i}: expected {expected[i]}, got {actual.Vector.Span[i]}");
    }
}
