using SqueezeBert.Checkpoints;
using SqueezeBert.ModelFolders.Conversion;
using SqueezeBert.Tests.Pipelines.Embedding;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.ModelFolders.StaticModels;

/// <summary>Damaged tables of static embeddings, and what a conversion makes of whole ones.</summary>
public class StaticTablesTests
{
    private static readonly float[] Table = StaticFolder.Table(11);

    private static readonly string[] Texts = ["The film was goodly, was it?", "", "good good.", "unknown"];

    [Fact]
    public void ATableIsRequired()
    {
        AssertRefused("embeddings", "is missing", ("mapping", "I64", [11], new float[11]));
        AssertRefused("embeddings", "is missing", ("encoder.layer.0.weight", "F32", [1], new float[1]));
    }

    [Theory]
    [InlineData(55)]
    [InlineData(11, 5, 1)]
    [InlineData(0, 5)]
    public void ATableHasRowsAndColumns(params int[] shape) => AssertRefused("embeddings", "has shape [",
        ("embeddings", "F32", [.. shape.Select(size => (long)size)], new float[shape.Aggregate(1, (a, b) => a * b)]));

    [Fact]
    public void TwoTablesAreOneTooMany() => AssertRefused("embedding.weight", "same parameter",
        ("embeddings", "F32", [11, 5], Table), ("embedding.weight", "F32", [11, 5], Table));

    [Theory]
    [InlineData(11)]
    [InlineData(-1)]
    [InlineData(1e12f)]
    public void AMappingStaysInTheTable(float row) => AssertRefused("mapping", "maps token 6 to row",
        ("embeddings", "F32", [11, 5], Table), ("mapping", "I64", [11], [0, 1, 2, 3, 4, 5, row, 7, 8, 9, 10]));

    [Fact]
    public void AMappingIsAListOfIntegers()
    {
        AssertRefused("mapping", "integers", ("embeddings", "F32", [11, 5], Table), ("mapping", "F32", [11], new float[11]));
        AssertRefused("mapping", "has shape [11, 1]", ("embeddings", "F32", [11, 5], Table), ("mapping", "I32", [11, 1], new float[11]));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(11, 1)]
    public void EveryTokenHasOneWeight(params int[] shape) => AssertRefused("weights", "has shape [",
        ("embeddings", "F32", [11, 5], Table),
        ("weights", "F32", [.. shape.Select(size => (long)size)], new float[shape.Aggregate(1, (a, b) => a * b)]));

    [Fact]
    public void ATableOfFewerRowsThanTokensIsAnotherModels()
    {
        AssertRefused("field 'vocab_size'", "the tokenizer has 11 tokens", ("embeddings", "F32", [10, 5], new float[50]));
        AssertRefused("field 'vocab_size'", "the tokenizer has 11 tokens",
            ("embeddings", "F32", [2, 5], new float[10]), ("mapping", "I64", [10], new float[10]));
    }

    [Fact]
    public void AFolderWithoutConfigurationMustBeATable()
    {
        using var folder = new StaticFolder();
        File.Delete(Path.Combine(folder.Path, "config.json"));
        folder.Write(("embeddings", "F32", [11, 5], Table), ("encoder.weight", "F32", [1], [1]));
        var error = Assert.Throws<InvalidModelFileException>(() => ModelFolder.Open(folder.Path));
        Assert.Contains("has no config.json", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The reference keeps the old width in config.json when it cuts a table, and reads the table.</summary>
    [Fact]
    public void TheTableDecidesItsWidth()
    {
        using var folder = new StaticFolder("""{"model_type":"model2vec","hidden_dim":256,"apply_pca":256}""");
        using var model = ModelFolder.Open(folder.Path);
        Assert.Equal((5, 11), (model.Configuration.HiddenSize, model.Configuration.VocabularySize));
        Assert.True(model.CompareWeights() is { Missing.Count: 0, Unused.Count: 0 });
        Assert.Equal(256, (int?)model.Configuration.ToJson()["apply_pca"]);
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "")]
    [InlineData(true, "0_StaticEmbedding")]
    public void AConvertedModelMakesTheSameVectors(bool isSentenceTransformers, string path)
    {
        using var folder = isSentenceTransformers ? StaticFolder.SentenceTransformers(path, "StaticEmbedding", "Normalize")
            : new StaticFolder("""{"model_type":"model2vec","normalize":true,"apply_zipf":true}""");
        var copy = Path.Combine(folder.Path, "copy");
        var again = Path.Combine(folder.Path, "again");
        ModelConversion.Convert(folder.Path, copy, new ConversionOptions(), TestContext.Current.CancellationToken);
        ModelConversion.Convert(copy, again, new ConversionOptions(), TestContext.Current.CancellationToken);
        var expected = Vectors(folder.Path);
        Assert.Equal(expected, Vectors(copy));
        Assert.Equal(expected, Vectors(again));
        Assert.True(File.Exists(Path.Combine(copy, "modules.json")));
        using var weights = SafetensorsFile.Open(Path.Combine(copy, path, "model.safetensors"));
        Assert.Equal([path.Length > 0 ? "embedding.weight" : "embeddings"], weights.Names);
    }

    [Fact]
    public void AConvertedMappingStaysOfIntegers()
    {
        using var folder = new StaticFolder();
        float[] mapping = [0, 0, 0, 0, 0, 3, 1, 2, 1, 0, 2];
        folder.Write(("embeddings", "F32", [4, 5], StaticFolder.Table(4)), ("mapping", "I32", [11], mapping),
            ("weights", "F32", [11], [.. mapping.Select(row => 1 + (row / 4))]));
        var copy = Path.Combine(folder.Path, "copy");
        ModelConversion.Convert(folder.Path, copy, new ConversionOptions(), TestContext.Current.CancellationToken);
        Assert.Equal(Vectors(folder.Path), Vectors(copy));
        var half = Path.Combine(folder.Path, "half");
        ModelConversion.Convert(
            folder.Path, half, new ConversionOptions { Precision = TensorType.Float16 }, TestContext.Current.CancellationToken);
        using var weights = SafetensorsFile.Open(Path.Combine(half, "model.safetensors"));
        var rows = new long[11];
        weights.ReadInt64s("mapping", rows);
        Assert.Equal(mapping.Select(row => (long)row), rows);
        Assert.True(weights.TryGetTensor("embeddings", out var table) && table.Type == TensorType.Float16);
    }

    [Fact]
    public void ANewModelCanBeLoaded()
    {
        using var folder = new StaticFolder();
        var made = Path.Combine(folder.Path, "new");
        NewModel.Save(made, new StaticConfiguration { VocabularySize = 11, HiddenSize = 8, TableRows = 6, HasTokenWeights = true },
            BertTokenizer.FromVocabulary(StaticFolder.Tokens), seed: 1);
        using var embedder = TextEmbedder.Load(made);
        Assert.Equal(2, embedder.Embed("the film").Read.TokenCount);
        Assert.NotEqual(0, embedder.Embed("the film").Vector.Span[0]);
    }

    private static float[] Vectors(string folder)
    {
        using var embedder = TextEmbedder.Load(folder);
        return [.. embedder.Embed(Texts).SelectMany(embedding => embedding.Vector.ToArray())];
    }

    private static void AssertRefused(string tensor, string reason, params (string, string, long[], float[])[] tensors)
    {
        using var folder = new StaticFolder();
        folder.Write(tensors);
        var error = Assert.Throws<InvalidModelFileException>(() => TextEmbedder.Load(folder.Path));
        Assert.StartsWith(folder.Path, error.File, StringComparison.Ordinal);
        Assert.Equal(tensor, error.Item);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }
}
