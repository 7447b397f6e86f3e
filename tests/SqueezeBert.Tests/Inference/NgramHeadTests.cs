using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;
using SqueezeBert.ModelFolders;
using SqueezeBert.ModelFolders.Conversion;
using SqueezeBert.Tests.ModelFolders;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.Inference;

/// <summary>A head of tokens that reads the n-grams of words: alone and with a name, in memory and from files.</summary>
public sealed class NgramHeadTests
{
    private static readonly HashedNgrams Ngrams = new() { Buckets = 50, Dimensions = 20, MinLength = 2, MaxLength = 3 };

    private static readonly BertTokenizer Tokenizer = Spelling();

    private static readonly BertConfiguration Configuration = new()
    {
        Architectures = ["BertForTokenClassification"],
        VocabularySize = Tokenizer.Vocabulary.Count + 3,
        HiddenSize = 24,
        HeadCount = 2,
        LayerCount = 2,
        IntermediateSize = 20,
        MaxPositionEmbeddings = 64,
        InitializerRange = 0.3,
        Labels = ["O", "B", "I"],
        HashedNgrams = Ngrams,
    };

    [Fact]
    public void LogitsAreThoseOfTheHeadAndOfTheMeanOfTheRows()
    {
        var c = Configuration.WithPieces(VocabularyPieces.Of(Tokenizer));
        var source = new FormulaParameters();
        var plain = Run(c with { HashedNgrams = null }, source, Batch());
        var actual = Run(c, source, Batch());
        var table = Values(source, "hashed_ngrams.embeddings.weight", Ngrams.Buckets, Ngrams.Dimensions);
        var projection = Values(source, "hashed_ngrams.projection.weight", 3, Ngrams.Dimensions);
        var batch = Batch();
        var differs = 0;
        for (var text = 0; text < batch.TextCount; text++)
        {
            var (start, end) = (batch.TextStarts[text], batch.TextStarts[text + 1]);
            var rows = SlowNgrams.Of(
                [.. Tokenizer.Vocabulary.Tokens.Select(token => token!)], batch.TokenIds[start..end].ToArray(),
                batch.Positions[start..end].ToArray(), Ngrams);
            for (var token = start; token < end; token++)
            {
                for (var label = 0; label < 3; label++)
                {
                    double expected = plain[(token * 3) + label];
                    foreach (var row in rows[token - start])
                    {
                        for (var i = 0; i < Ngrams.Dimensions; i++)
                            expected += table[(row * Ngrams.Dimensions) + i] * projection[(label * Ngrams.Dimensions) + i]
                                / rows[token - start].Length;
                    }

                    Assert.Equal(expected, actual[(token * 3) + label], 1e-5);
                    if (Math.Abs(expected - plain[(token * 3) + label]) > 1e-3) differs++;
                }
            }
        }

        Assert.True(differs > 20);
    }

    [Fact]
    public void ThreadsBatchesAndPaddingDoNotChangeBits()
    {
        var c = Configuration.WithPieces(VocabularyPieces.Of(Tokenizer));
        var expected = Run(c, new FormulaParameters(), Batch());
        foreach (var threads in (int[])[2, 3])
        {
            var options = new EngineOptions { Threads = threads, Sharing = new() { MinimumWork = 0 } };
            Assert.Equal(expected, Run(c, new FormulaParameters(), Batch(), options));
        }

        var batch = Batch();
        for (var text = 0; text < batch.TextCount; text++)
        {
            var (start, end) = (batch.TextStarts[text], batch.TextStarts[text + 1]);
            var alone = new PackedBatch();
            alone.Add(batch.TokenIds[start..end], default, batch.Positions[start..end]);
            Assert.Equal(expected[(3 * start)..(3 * end)], Run(c, new FormulaParameters(), alone));
        }

        using var model = Load(c, new FormulaParameters());
        long[] ids = [.. Ids("hat der").Select(id => (long)id)], padding = new long[4];
        var packed = PaddedForward.Run(model, [1, ids.Length], ids, [], [], [OutputNames.Logits])[0].Values;
        var padded = PaddedForward.Run(
            model, [1, ids.Length + 4], [.. ids, .. padding], [.. ids.Select(_ => 1L), .. padding], [], [OutputNames.Logits])[0].Values;
        Assert.Equal(packed, padded[..packed.Length]);
    }

    /// <summary>A piece behind a masked one is the beginning of a word, because the two are not next to each other.</summary>
    [Fact]
    public void AWordEndsWhereAMaskBegins()
    {
        var c = Configuration.WithPieces(VocabularyPieces.Of(Tokenizer));
        using var model = Load(c, new FormulaParameters());
        var ids = Ids("hat");
        var apart = new PackedBatch();
        apart.Add([ids[0], ids[1], ids[3], ids[4]], default, [0, 1, 3, 4]);
        var rows = SlowNgrams.Of(
            [.. Tokenizer.Vocabulary.Tokens.Select(token => token!)], apart.TokenIds.ToArray(), apart.Positions.ToArray(), Ngrams);
        Assert.NotEqual(rows[1], rows[2]);
        var logits = Run(c, new FormulaParameters(), apart);
        var plain = Run(c with { HashedNgrams = null }, new FormulaParameters(), apart);
        Assert.NotEqual(logits[3] - plain[3], logits[6] - plain[6], 1e-4f);
    }

    [Fact]
    public void AWarmSessionAllocatesNothing()
    {
        using var model = Load(Configuration.WithPieces(VocabularyPieces.Of(Tokenizer)), new FormulaParameters());
        using var session = model.CreateSession(OutputNames.Logits);
        var batch = Batch();
        for (var i = 0; i < 50; i++) session.Run(batch);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 100; i++) session.Run(batch);
        }));
    }

    [Fact]
    public void ASavedModelIsLoadedByFolderByBytesAndByPipelines()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("model");
        NewModel.Save(path, Configuration, Tokenizer, seed: 4);
        using (var opened = ModelFolder.Open(path))
        {
            Assert.Empty(opened.CompareWeights().Missing);
            Assert.Empty(opened.CompareWeights().Unused);
            Assert.True(opened.TryFind("hashed_ngrams.embeddings.weight", out var table));
            Assert.Equal([50, 20], table.Shape);
            using var engine = ModelLoader.Load(opened);
            using var loaded = InferenceModel.Load(path);
            using var memory = InferenceModel.Load(ModelSource.FromFiles(Directory.EnumerateFiles(path).ToDictionary(
                file => Path.GetFileName(file), file => (ReadOnlyMemory<byte>)File.ReadAllBytes(file))));
            var expected = Logits(engine.CreateSession(OutputNames.Logits));
            Assert.Equal(expected, Logits(loaded.CreateSession(OutputNames.Logits)));
            Assert.Equal(expected, Logits(memory.CreateSession(OutputNames.Logits)));
        }

        // The lengths are part of what the model computes.
        using var model = InferenceModel.Load(path);
        var config = Path.Combine(path, "config.json");
        var before = (Logits(model.CreateSession(OutputNames.Logits)), model.Fingerprint);
        (ModelConfiguration.Load(path) with { HashedNgrams = Ngrams with { MaxLength = 4 } }).Save(config);
        using var other = InferenceModel.Load(path);
        Assert.NotEqual(before.Fingerprint, other.Fingerprint);
        Assert.NotEqual(before.Item1, Logits(other.CreateSession(OutputNames.Logits)));
        using var classifier = TokenClassifier.Load(path, new TokenClassifierOptions { Aggregation = EntityAggregation.None });
        Assert.NotNull(classifier.Classify("hat der"));
    }

    [Fact]
    public void ANamedHeadHasTablesOfItsOwn()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("model");
        NewModel.Save(
            path, Configuration with
            {
                Architectures = ["BertModel"],
                HashedNgrams = null,
                NamedHeads =
                [
                    new("names", HeadTask.TokenClassification) { Labels = ["O", "B"], HashedNgrams = Ngrams },
                    new("plain", HeadTask.TokenClassification) { Labels = ["O", "B"] },
                ],
            }, Tokenizer, seed: 4);
        using var opened = ModelFolder.Open(path);
        Assert.True(opened.TryFind("heads.names.hashed_ngrams.projection.weight", out var projection));
        Assert.Equal([2, 20], projection.Shape);
        Assert.DoesNotContain(opened.Tensors.Names, name => name.StartsWith("heads.plain.hashed", StringComparison.Ordinal));
        using var model = InferenceModel.Load(path);
        using var names = new TokenClassifier(model, new TokenClassifierOptions { Head = "names" });
        using var plain = new TokenClassifier(model, new TokenClassifierOptions { Head = "plain" });
        Assert.NotNull(names.Classify("hat der"));
        Assert.NotNull(plain.Classify("hat der"));
    }

    [Fact]
    public void WithoutAVocabularyTheErrorNamesTheRemedy()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("model");
        NewModel.Save(path, Configuration, Tokenizer, seed: 4);
        foreach (var file in Directory.EnumerateFiles(path).Where(file => Path.GetFileName(file) is "vocab.txt" or "tokenizer.json"))
            File.Delete(file);
        using var opened = ModelFolder.Open(path);
        var error = Assert.Throws<InvalidModelFileException>(() => ModelLoader.Load(opened));
        Assert.Contains("field 'hashed_ngrams'", error.Message, StringComparison.Ordinal);
        Assert.Contains("copy the model's tokenizer", error.Message, StringComparison.Ordinal);
        Assert.Contains("load the model with its tokenizer", Assert.Throws<InvalidModelFileException>(
            () => Load(Configuration, new FormulaParameters())).Message, StringComparison.Ordinal);

        // As an encoder it needs none.
        using var encoder = ModelLoader.Load(opened, ModelHead.None);
        Assert.NotNull(encoder);
    }

    [Theory]
    [InlineData(TablePrecision.Float32)]
    [InlineData(TablePrecision.Int8)]
    [InlineData(TablePrecision.Int4)]
    public void ItIsQuantizedAndLoaded(TablePrecision tables)
    {
        using var folder = new TemporaryFolder();
        var (path, to) = (folder.File("model"), folder.File("int8"));
        NewModel.Save(path, Configuration, Tokenizer, seed: 4);
        ModelConversion.Convert(path, to, new ConversionOptions { Precision = TensorType.Int8, Tables = tables });
        using var opened = ModelFolder.Open(to);
        Assert.True(opened.StoredTensors.TryGetTensor("hashed_ngrams.embeddings.weight", out var table));
        Assert.Equal(tables == TablePrecision.Float32 ? TensorType.Float32 : TensorType.Int8, table.Type);
        Assert.True(opened.StoredTensors.TryGetTensor("hashed_ngrams.projection.weight", out var projection));
        Assert.Equal(TensorType.Int8, projection.Type);
        using var model = InferenceModel.Load(path);
        using var small = InferenceModel.Load(to);
        var (expected, actual) = (Logits(model.CreateSession(OutputNames.Logits)), Logits(small.CreateSession(OutputNames.Logits)));
        var tolerance = (tables == TablePrecision.Int4 ? 0.5f : 0.1f) * expected.Max(Math.Abs);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], tolerance);
        Assert.NotEqual(expected, actual);
    }

    [Fact]
    public void OnnxHasNoSuchOperator()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("model");
        NewModel.Save(path, Configuration, Tokenizer, seed: 4);
        using var opened = ModelFolder.Open(path);
        var file = folder.File("model.onnx");
        Assert.Contains("convert it to safetensors", Assert.Throws<UnsupportedModelException>(
            () => opened.SaveOnnx(file, new OnnxOptions())).Message, StringComparison.Ordinal);

        // The same head without them, and then a config.json that promises some.
        var plain = folder.File("plain");
        NewModel.Save(plain, Configuration with { HashedNgrams = null }, Tokenizer, seed: 4);
        using (var other = ModelFolder.Open(plain)) other.SaveOnnx(Path.Combine(plain, "model.onnx"), new OnnxOptions());
        Configuration.Save(plain);
        Assert.Contains("field 'hashed_ngrams'", Assert.Throws<InvalidModelFileException>(
            () => ModelFolder.Open(Path.Combine(plain, "model.onnx"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ItsCostIsCounted()
    {
        var graph = ModelGraph.CreateWhole(Configuration);
        var plain = ModelGraph.CreateWhole(Configuration with { HashedNgrams = null });
        Assert.Equal((50 * 20) + (3 * 20), ModelCost.ParameterCount(graph) - ModelCost.ParameterCount(plain));
        Assert.Equal(2 * 7 * 20 * 3, ModelCost.Flops(graph, 7) - ModelCost.Flops(plain, 7));
        var operations = ModelCost.Operations(graph, 7);
        Assert.Equal(50 * 20, operations.Single(operation => operation.Operation == "hashed_ngrams.embeddings").Parameters);
        Assert.Equal(2 * 7 * 20 * 3, operations.Single(operation => operation.Operation == "hashed_ngrams.projection").Flops);
    }

    private static BertTokenizer Spelling()
    {
        var letters = Enumerable.Range('a', 26).Select(letter => ((char)letter).ToString()).ToList();
        return BertTokenizer.FromVocabulary(
            ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. letters, .. letters.Select(letter => "##" + letter), "der", "##ville"]);
    }

    private static int[] Ids(string text) => Tokenizer.Encode(text).Ids.ToArray();

    private static PackedBatch Batch()
    {
        var batch = new PackedBatch();
        batch.Add(Ids("hat der hat"));
        batch.Add(Ids("abcdefghijklmnopqrstuvwxyzville ? der"));
        batch.Add([Configuration.VocabularySize - 1]);
        batch.Add([34, 35, 36], default, [1, 3, 4]);
        return batch;
    }

    private static Engine Load(ModelConfiguration c, IParameterSource source, EngineOptions? options = null) =>
        new(c, ModelGraph.Create(c, ModelHead.TokenClassification), source, options ?? new EngineOptions { Threads = 1 });

    private static float[] Run(ModelConfiguration c, IParameterSource source, PackedBatch batch, EngineOptions? options = null)
    {
        using var model = Load(c, source, options);
        using var session = model.CreateSession(OutputNames.Logits);
        session.Run(batch);
        return session.GetOutput(OutputNames.Logits).ToArray();
    }

    private static float[] Logits(ModelSession session)
    {
        using (session)
        {
            session.Run(Batch());
            return session.GetOutput(OutputNames.Logits).ToArray();
        }
    }

    private static float[] Values(FormulaParameters source, string name, params int[] shape)
    {
        var parameter = new Parameter(name, ParameterKind.Weight, shape);
        var values = new float[parameter.Length];
        source.Read(parameter, values);
        return values;
    }
}
