using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.ModelFolders.NewModels;

/// <summary>New models whose word embeddings are narrower than those they begin with.</summary>
public sealed class NarrowedEmbeddingsTests : IDisposable
{
    private const int Wide = 16;
    private const int Narrow = 8;
    private const int Pieces = 60;
    private const string Words = "embeddings.word_embeddings.weight";
    private const string Places = "embeddings.position_embeddings.weight";
    private readonly string _root = Directory.CreateTempSubdirectory("squeezebert-narrowed").FullName;

    private string Source => Path.Combine(_root, "source");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>Rows that need no more than eight numbers lose nothing: all their products stay.</summary>
    [Theory]
    [InlineData("squeezebert-separable", "embedding_size")]
    [InlineData("electra", "embedding_size")]
    [InlineData("bert", "hidden_size")]
    public void ProductsOfRowsStay(string size, string field)
    {
        SaveSource(rank: Narrow);
        var folder = SaveNew(size, field);
        var (words, places) = (Values(Source, Words), Values(Source, Places));
        var (fewer, fewerPlaces) = (Values(folder, Words), Values(folder, Places));
        for (var word = 0; word < Pieces; word++)
        {
            for (var other = 0; other < 20; other++)
            {
                Assert.Equal(Product(words, word, words, other, Wide), Product(fewer, word, fewer, other, Narrow), 1e-4);
                Assert.Equal(Product(words, word, places, other, Wide), Product(fewer, word, fewerPlaces, other, Narrow), 1e-4);
            }
        }
    }

    /// <summary>
    /// Rows that need seven numbers lose nothing in eight, because the one that the new layer norm takes away is empty: the first hidden
    /// states are those that the saved model's first layer reads.
    /// </summary>
    [Theory]
    [InlineData("squeezebert-separable")]
    [InlineData("electra")]
    public void TheFirstHiddenStateIsWhatTheSavedModelReads(string size)
    {
        SaveSource(rank: Narrow - 1);
        var folder = SaveNew(size, "embedding_size");
        int[] ids = [.. Enumerable.Range(0, 30)];
        var expected = FirstHiddenState(Source, ids);
        var states = FirstHiddenState(folder, ids);
        Assert.Equal(30 * Wide, states.Length);
        for (var i = 0; i < states.Length; i++) Assert.Equal(expected[i], states[i], 1e-3);
    }

    /// <summary>MobileBERT reads three words at once and has no norm before its projection, so the way back is exact.</summary>
    [Fact]
    public void AProjectionOfTrigramsGivesTheSavedRowsBack()
    {
        SaveSource(rank: Narrow);
        var folder = SaveNew("mobilebert", "embedding_size", ("intra_bottleneck_size", Narrow));
        var words = Values(Source, Words);
        var fewer = Values(folder, Words);
        var projection = Values(folder, "embeddings.embedding_transformation.weight");
        Assert.Equal(Wide * 3 * Narrow, projection.Length);
        for (var word = 0; word < Pieces; word++)
        {
            for (var i = 0; i < Wide; i++)
            {
                var row = projection.AsSpan(i * 3 * Narrow, 3 * Narrow);
                Assert.Equal(words[(word * Wide) + i], Product(row[Narrow..^Narrow].ToArray(), 0, fewer, word, Narrow), 1e-5);
                Assert.Equal(-1, row[..Narrow].IndexOfAnyExcept(0f));
                Assert.Equal(-1, row[^Narrow..].IndexOfAnyExcept(0f));
            }
        }
    }

    /// <summary>No choice of eight columns holds more of a table than its principal components.</summary>
    [Fact]
    public void WhatIsKeptIsTheMostThatEightNumbersCanHold()
    {
        SaveSource(rank: Wide);
        var words = Values(Source, Words);
        var kept = Values(SaveNew("bert", "hidden_size"), Words).Sum(value => (double)value * value);
        var columns = new double[Wide];
        for (var i = 0; i < words.Length; i++) columns[i % Wide] += (double)words[i] * words[i];
        Assert.InRange(kept, columns.OrderDescending().Take(Narrow).Sum(), columns.Sum() - 1e-3);
    }

    /// <summary>A projection to another width than the saved model's has no way back: it stays random.</summary>
    [Fact]
    public void AProjectionToAnotherWidthIsLeftAlone()
    {
        SaveSource(rank: Narrow);
        var folder = SaveNew("electra", "embedding_size", ("hidden_size", 24));
        var bias = Values(folder, "embeddings_project.bias");
        Assert.Equal((24, 24 * Narrow), (bias.Length, Values(folder, "embeddings_project.weight").Length));
        Assert.All(bias, value => Assert.Equal(0, value));
        Assert.InRange(Values(folder, "embeddings_project.weight").Average(value => value * value), 0.0002, 0.0008);
    }

    [Fact]
    public void ACancelledCallWritesNothing()
    {
        SaveSource(rank: Narrow);
        var folder = Path.Combine(_root, "never");
        using var source = ModelFolder.Open(Source);
        var configuration = Configure("bert", ("hidden_size", Narrow));
        Assert.Throws<OperationCanceledException>(
            () => NewModel.Save(folder, configuration, source, 1, TensorType.Float32, new CancellationToken(true)));
        Assert.False(File.Exists(Path.Combine(folder, "model.safetensors")));
    }

    /// <summary>A BERT whose tables have rows of some rank, and whose norm has weights and biases.</summary>
    private void SaveSource(int rank)
    {
        var configuration = Configure("bert", ("hidden_size", Wide)) with { Architectures = ["BertModel"] };
        var random = new Random(7);
        var basis = new float[rank * Wide];
        for (var i = 0; i < basis.Length; i++) basis[i] = (float)((random.NextDouble() - 0.5) * (1 + (i % Wide)));

        // A layer norm takes the mean of a row away, so the rows have none.
        for (var row = 0; row < basis.Length; row += Wide)
        {
            var mean = basis.AsSpan(row, Wide).ToArray().Average();
            foreach (ref var value in basis.AsSpan(row, Wide)) value -= mean;
        }

        var graph = ModelGraph.CreateWhole(configuration);
        var initial = new InitialParameters(3, 0.02);
        ModelFolder.Save(Source, configuration, graph.Parameters.Select(parameter =>
        {
            var values = new float[parameter.Length];
            initial.Read(parameter, values);
            if (parameter.Kind == ParameterKind.Embedding) LowRank(values);
            if (parameter.Name.EndsWith("embeddings.LayerNorm.weight", StringComparison.Ordinal))
                values = [.. Enumerable.Range(0, Wide).Select(i => 0.3f + (i % 3))];
            if (parameter.Name.EndsWith("embeddings.LayerNorm.bias", StringComparison.Ordinal))
                values = [.. Enumerable.Range(0, Wide).Select(i => (i % 5) - 2f)];
            return new NamedTensor(parameter.Name, parameter.Shape, values);
        }), TensorType.Float32, Tokenizer());

        void LowRank(float[] values)
        {
            for (var row = 0; row < values.Length; row += Wide)
            {
                var target = values.AsSpan(row, Wide);
                target.Clear();
                for (var component = 0; component < rank; component++)
                {
                    var share = (float)(random.NextDouble() - 0.5);
                    for (var i = 0; i < Wide; i++) target[i] += share * basis[(component * Wide) + i];
                }
            }
        }
    }

    private string SaveNew(string size, string width, params (string Name, int Value)[] fields)
    {
        var folder = Path.Combine(_root, size);
        using var source = ModelFolder.Open(Source);
        NewModel.Save(folder, Configure(size, [(width, Narrow), .. fields]), source, 1, TensorType.Float32,
            TestContext.Current.CancellationToken);
        return folder;
    }

    private static ModelConfiguration Configure(string size, params (string Name, int Value)[] fields)
    {
        var json = new JsonObject
        {
            ["vocab_size"] = Pieces + 4,
            ["hidden_size"] = Wide,
            ["num_attention_heads"] = 2,
            ["num_hidden_layers"] = 1,
            ["intermediate_size"] = 16,
            ["max_position_embeddings"] = 40,
        };
        if (size == "squeezebert-separable") json["convolution_kernel_sizes"] = new JsonArray(3, 5);
        foreach (var (name, value) in fields) json[name] = value;
        return NewModel.Configure(size, json);
    }

    private static BertTokenizer Tokenizer() => BertTokenizer.FromVocabulary(
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Enumerable.Range(0, Pieces - 5).Select(i => $"w{i}")]);

    private static float[] FirstHiddenState(string folder, int[] ids)
    {
        using var saved = ModelFolder.Open(folder);
        using var engine = new Engine(saved.Configuration, ModelGraph.Create(saved.Configuration, ModelHead.None), saved.Weights);
        using var session = engine.CreateSession(OutputNames.HiddenState(0));
        var batch = new PackedBatch();
        batch.Add(ids);
        session.Run(batch);
        return session.GetOutput(OutputNames.HiddenState(0)).ToArray();
    }

    private static float[] Values(string folder, string name)
    {
        using var model = ModelFolder.Open(folder);
        Assert.True(model.TryFind(name, out var info));
        var values = new float[info.ElementCount];
        model.Tensors.ReadFloats(info.Name, values);
        return values;
    }

    private static double Product(float[] a, int row, float[] b, int other, int width) =>
        Enumerable.Range(0, width).Sum(i => (double)a[(row * width) + i] * b[(other * width) + i]);
}
