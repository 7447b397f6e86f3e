using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;
using SqueezeBert.Measuring;
using SqueezeBert.ModelFolders.NewModels;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.ModelFolders.NewModels;

public class NewModelTests
{
    [Theory]
    [InlineData("squeezebert-base", 51_094_272)]
    [InlineData("squeezebert-separable", 9_841_920)]
    [InlineData("bert-tiny", 4_385_920)]
    [InlineData("bert-mini", 11_170_560)]
    [InlineData("bert-small", 28_763_648)]
    [InlineData("bert-medium", 41_373_184)]
    [InlineData("bert-base", 109_482_240)]
    [InlineData("minilm-6", 22_713_216)]
    [InlineData("minilm-12", 33_360_000)]
    [InlineData("tinybert-4", 14_350_248)]
    [InlineData("tinybert-6", 66_955_008)]
    [InlineData("distilbert", 66_362_880)]
    [InlineData("mobilebert", 24_844_544)]
    public void ANamedSizeHasThePublishedParameters(string size, long parameters) =>
        Assert.Equal(parameters, ModelCost.ParameterCount(ModelGraph.Create(NewModel.Configure(size), ModelHead.None)));

    [Fact]
    public void EverySizeIsAValidConfiguration()
    {
        Assert.Equal(NewModel.Sizes.Count, NewModel.Sizes.Distinct().Count());
        foreach (var size in NewModel.Sizes) ModelGraph.Create(NewModel.Configure(size), ModelHead.None);
    }

    [Fact]
    public void FieldsReplaceTheSizes()
    {
        var configuration = Assert.IsType<SqueezeBertConfiguration>(NewModel.Configure(
            "squeezebert-base",
            new JsonObject
            {
                ["hidden_size"] = 48,
                ["num_attention_heads"] = 6,
                ["num_labels"] = 3,
                ["q_groups"] = 2,
                ["hidden_act"] = "relu"
            }));
        Assert.Equal((48, 48, 6, 2, 12), (configuration.HiddenSize, configuration.EmbeddingSize, configuration.HeadCount,
            configuration.QueryGroups, configuration.LayerCount));
        Assert.Equal(["LABEL_0", "LABEL_1", "LABEL_2"], configuration.Labels);
        Assert.Equal(Activation.Relu, configuration.HiddenActivation);
        var tokenizer = BertTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "d"]);
        Assert.Equal(16, NewModel.Configure("squeezebert-base", tokenizer: tokenizer).VocabularySize);
        Assert.Equal(9, NewModel.Configure("bert-base", tokenizer: tokenizer).VocabularySize);
        Assert.Equal(50, NewModel.Configure("bert-base", new JsonObject { ["vocab_size"] = 50 }, tokenizer).VocabularySize);
        Assert.Equal(["no", "yes"],
            NewModel.Configure("bert-tiny", new JsonObject { ["id2label"] = new JsonObject { ["0"] = "no", ["1"] = "yes" } }).Labels);
    }

    [Fact]
    public void WhatDoesNotExistOrFitIsNamed()
    {
        Assert.Contains("'bert-tny'; the nearest is 'bert-tiny'",
            Assert.Throws<ArgumentException>(() => NewModel.Configure("bert-tny")).Message, StringComparison.Ordinal);
        Assert.Contains("'hiden_size'; the nearest is 'hidden_size'",
            Assert.Throws<ArgumentException>(() => NewModel.Configure("bert-tiny", new JsonObject { ["hiden_size"] = 1 })).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => NewModel.Configure("bert-tiny", new JsonObject { ["model_type"] = "distilbert" }));
        Assert.Contains(
            "field 'num_attention_heads': is 5, which does not divide 'hidden_size' (128)",
            Assert.Throws<InvalidModelFileException>(() => NewModel.Configure(
                "bert-tiny", new JsonObject { ["num_attention_heads"] = 5 })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void AFormulaModelIsTheReferencesSyntheticOneWithAHeadAndWithout()
    {
        using var bare = new TemporaryFolder();
        using var headed = new TemporaryFolder();
        var fields = new JsonObject { ["num_hidden_layers"] = 1, ["vocab_size"] = 60 };
        NewModel.Save(bare.Path, NewModel.Configure("mobilebert", fields));
        NewModel.Save(headed.Path, NewModel.Configure("mobilebert", fields) with { Architectures = ["MobileBertForTokenClassification"] });
        using var encoder = ModelFolder.Open(bare.Path);
        using var classifier = ModelFolder.Open(headed.Path);
        Assert.Equal("MobileBertModel", Assert.Single(encoder.Configuration.Architectures));
        Assert.Contains("mobilebert.encoder.layer.0.output.dense.weight", classifier.Tensors.Names);
        Assert.Contains("classifier.weight", classifier.Tensors.Names);
        var source = new FormulaParameters(0.35f);
        foreach (var parameter in ModelGraph.Create(encoder.Configuration, ModelHead.None).Parameters)
        {
            var (expected, actual) = (new float[parameter.Length], new float[parameter.Length]);
            source.Read(parameter, expected);
            encoder.Weights.Read(parameter, actual);
            Assert.Equal(expected, actual);
            if (parameter.Name.StartsWith("pooler.", StringComparison.Ordinal)) continue;
            classifier.Weights.Read(parameter, actual);
            Assert.Equal(expected, actual);
        }
    }

    [Fact]
    public void ASeedGivesTheMomentsOfAnInitialisationAndTheSameValuesAgain()
    {
        using var first = new TemporaryFolder();
        using var second = new TemporaryFolder();
        using var other = new TemporaryFolder();
        var configuration = NewModel.Configure("bert-tiny", new JsonObject { ["vocab_size"] = 500, ["initializer_range"] = 0.05 });
        NewModel.Save(first.Path, configuration, seed: 7);
        NewModel.Save(second.Path, configuration, seed: 7);
        NewModel.Save(other.Path, configuration, seed: 8);
        Assert.Equal(File.ReadAllBytes(first.File("model.safetensors")), File.ReadAllBytes(second.File("model.safetensors")));
        Assert.NotEqual(File.ReadAllBytes(first.File("model.safetensors")), File.ReadAllBytes(other.File("model.safetensors")));
        using var folder = ModelFolder.Open(first.Path);
        var values = Read(folder, "encoder.layer.1.intermediate.dense.weight");
        Assert.Equal(0, values.Average(), 0.001);
        Assert.Equal(0.05, Math.Sqrt(values.Average(value => value * value)), 0.001);
        Assert.True(values.Max(Math.Abs) < 0.05 * 3.5);
        Assert.All(Read(folder, "encoder.layer.1.intermediate.dense.bias"), value => Assert.Equal(0, value));
        Assert.All(Read(folder, "encoder.layer.1.output.LayerNorm.weight"), value => Assert.Equal(1, value));
        var words = Read(folder, "embeddings.word_embeddings.weight");
        Assert.All(words[..128], value => Assert.Equal(0, value));
        Assert.DoesNotContain(0, words[128..256].Select(Math.Sign));
    }

    [Fact]
    public void ANewModelReadsTextThroughItsMadeUpVocabulary()
    {
        using var folder = new TemporaryFolder();
        NewModel.Save(folder.Path,
            NewModel.Configure(
                "bert-tiny", new JsonObject { ["vocab_size"] = 3000 }) with
            { Architectures = ["BertForSequenceClassification"] });
        var tokenizer = BertTokenizer.Load(folder.Path);
        Assert.Equal((3000, 0, 512), (tokenizer.Vocabulary.Count, tokenizer.PadTokenId, tokenizer.ModelMaxLength));
        var ids = tokenizer.Encode("Batteries, 3 of them: dead!").Ids;
        Assert.DoesNotContain(tokenizer.UnknownTokenId, ids.ToArray());
        using var classifier = TextClassifier.Load(folder.Path);
        Assert.Equal(["LABEL_0", "LABEL_1"], classifier.Labels);
        Assert.InRange(classifier.Classify("Batteries, 3 of them: dead!").Score, 0.5f, 1f);
    }

    [Fact]
    public void PiecesAreDistinctAndAsManyAsAreAskedFor()
    {
        var pieces = MadeUpVocabulary.Pieces.Take(50_000).ToList();
        Assert.Equal(50_000, pieces.Distinct(StringComparer.Ordinal).Count());
        Assert.Contains("##zzz", pieces);
    }

    [Fact]
    public void AVocabularyThatDoesNotFitAndAFolderInUseAreRefused()
    {
        using var folder = new TemporaryFolder();
        var configuration = NewModel.Configure("bert-tiny", new JsonObject { ["vocab_size"] = 6 });
        var tokenizer = BertTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b"]);
        Assert.Contains("is 6; the vocabulary has 7 pieces",
            Assert.Throws<InvalidModelFileException>(() => NewModel.Save(folder.Path, configuration, tokenizer)).Message,
            StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
        Assert.Throws<InvalidModelFileException>(() => NewModel.Save(
            folder.Path, NewModel.Configure("bert-tiny", new JsonObject { ["vocab_size"] = 4 })));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => NewModel.Save(folder.Path, configuration, cancellationToken: cancelled.Token));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
        NewModel.Save(folder.Path, configuration);
        Assert.Contains("has a config.json already",
            Assert.Throws<InvalidModelFileException>(() => NewModel.Save(folder.Path, configuration)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ModelsAreMeasuredSideBySide()
    {
        using var bert = new TemporaryFolder();
        using var squeeze = new TemporaryFolder();
        NewModel.Save(
            bert.Path, NewModel.Configure("bert-tiny", new JsonObject { ["vocab_size"] = 100, ["max_position_embeddings"] = 130 }));
        NewModel.Save(
            squeeze.Path,
            NewModel.Configure("squeezebert", new JsonObject
            {
                ["vocab_size"] = 100,
                ["hidden_size"] = 16,
                ["num_attention_heads"] = 2,
                ["intermediate_size"] = 32,
                ["num_hidden_layers"] = 1
            })
                with
            { Architectures = ["SqueezeBertForMaskedLM"] },
            type: TensorType.Float16);

        var measurements = ModelComparison.Run([bert.Path, squeeze.Path], new EngineOptions { Threads = 1 }, TimeSpan.Zero,
            cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal([bert.Path, squeeze.Path], measurements.Select(measurement => measurement.Path));
        Assert.Equal(["BertModel", "SqueezeBertForMaskedLM"], measurements.Select(measurement => measurement.ClassName));
        Assert.Equal([16, 128, 384], measurements[0].Times.Select(time => time.Tokens));
        Assert.Null(measurements[0].Times[2].Milliseconds);
        Assert.All(measurements.SelectMany(measurement => measurement.Times).Where(time => time.Milliseconds is not null),
            time => Assert.True(time.Milliseconds > 0));
        Assert.Equal(5, measurements.SelectMany(measurement => measurement.Times).Count(time => time.Milliseconds is not null));
        Assert.Equal(measurements[0].Parameters * 4, measurements[0].FileBytes);
        Assert.Equal(measurements[1].Parameters * 2, measurements[1].FileBytes);
        Assert.All(measurements,
            measurement => Assert.True(measurement.MemoryBytes > measurement.Parameters * 4 && measurement.LoadTime > TimeSpan.Zero));
    }

    private static float[] Read(ModelFolder folder, string name)
    {
        Assert.True(folder.Tensors.TryGetTensor(name, out var info));
        var values = new float[info.ElementCount];
        folder.Tensors.ReadFloats(name, values);
        return values;
    }
}
