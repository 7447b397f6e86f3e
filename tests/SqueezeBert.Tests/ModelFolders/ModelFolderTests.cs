using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Tests.ModelFolders;

public sealed class ModelFolderTests
{
    public static TheoryData<string> Models => [.. GoldenModels.Folders.Select(folder => Path.GetFileName(folder)!)];

    [Theory]
    [MemberData(nameof(Models))]
    public void HoldsExactlyTheGraphsParameters(string name)
    {
        using var folder = ModelFolder.Open(GoldenModels.Folder(name));
        var graph = ModelGraph.Create(folder.Configuration, ModelGraph.HeadOf(folder.Configuration));

        var report = folder.Weights.Require(graph.Parameters);

        // SqueezeBERT's classes have a pooler under every head; those that read single tokens do not use it.
        Assert.All(report.Unused, tensor => Assert.StartsWith("transformer.pooler.dense.", tensor, StringComparison.Ordinal));
        Assert.Equal(name.StartsWith("squeezebert", StringComparison.Ordinal) && !graph.Outputs.ContainsKey(OutputNames.PoolerOutput) ? 2
            : 0, report.Unused.Count);
        Assert.Equal(folder.Tensors.Names.Count, graph.Parameters.Count + report.Unused.Count);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void ASavedFolderHasTheSameBytes(string name)
    {
        using var source = ModelFolder.Open(GoldenModels.Folder(name));
        using var target = new TemporaryFolder();
        var tensors = source.Tensors.Names.Select(tensor =>
        {
            source.Tensors.TryGetTensor(tensor, out var info);
            var data = new float[info!.ElementCount];
            source.Tensors.ReadFloats(tensor, data);
            return new NamedTensor(tensor, info.Shape, data);
        });

        ModelFolder.Save(target.Path, source.Configuration, tensors.Reverse());

        // The separable models' files were not written by the reference's serializer: their header has other blanks.
        if (name.StartsWith("separable", StringComparison.Ordinal))
            AssertSameTensors(GoldenModels.Weights(name), target.File("model.safetensors"));
        else
            Assert.Equal(File.ReadAllBytes(GoldenModels.Weights(name)), File.ReadAllBytes(target.File("model.safetensors")));
        var expected = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(Path.Combine(GoldenModels.Folder(name), "config.json")))!;
        var actual = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(target.File("config.json")))!;
        expected["dtype"] = "float32";
        Assert.True(System.Text.Json.Nodes.JsonNode.DeepEquals(expected, actual));
        Assert.Equal(2, Directory.EnumerateFileSystemEntries(target.Path).Count());
    }

    [Fact]
    public void FindsParametersWithAndWithoutPrefixAndInOldSpelling()
    {
        using var folder = new TemporaryFolder();
        var configuration = Tiny();
        var tensors = ModelGraph.Create(configuration, ModelHead.MaskedLanguageModel).Parameters.Select((parameter, i) =>
        {
            var name = parameter.Name;
            if (i % 2 == 0) name = name.Replace("transformer.", "", StringComparison.Ordinal);
            if (name.EndsWith("LayerNorm.weight", StringComparison.Ordinal))
                name = name.Replace(".weight", ".gamma", StringComparison.Ordinal);
            if (name.EndsWith("LayerNorm.bias", StringComparison.Ordinal)) name = name.Replace(".bias", ".beta", StringComparison.Ordinal);
            if (name == "cls.predictions.bias") name = "cls.predictions.decoder.bias";
            return new NamedTensor(name, parameter.Shape, Filled(parameter, i));
        }).Append(new NamedTensor("transformer.embeddings.position_ids", [1, 512], new float[512]));
        ModelFolder.Save(folder.Path, configuration, tensors);

        using var opened = ModelFolder.Open(folder.Path);
        foreach (var (head, prefix) in new[] { (ModelHead.MaskedLanguageModel, "transformer."), (ModelHead.None, "") })
        {
            var graph = ModelGraph.Create(configuration, head);
            var isEncoder = head == ModelHead.None;
            var parameters = graph.Parameters.Where(parameter => !parameter.Name.StartsWith("pooler.", StringComparison.Ordinal)).ToList();
            var report = opened.Weights.Require(parameters);
            Assert.Equal(isEncoder, report.Unused.Any(name => name.StartsWith("cls.", StringComparison.Ordinal)));
            Assert.DoesNotContain("transformer.embeddings.position_ids", report.Unused);
            foreach (var parameter in parameters)
            {
                var values = new float[parameter.Length];
                opened.Weights.Read(parameter, values);
                var index = graph.Parameters.ToList().IndexOf(parameter);
                if (!isEncoder) Assert.Equal(Filled(parameter, index), values);
            }

            Assert.True(opened.TryFind(prefix + "embeddings.LayerNorm.weight", out var norm));
            Assert.EndsWith("embeddings.LayerNorm.gamma", norm.Name, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AFolderWithAPyTorchFileInOldNamesIsCompleteAndSaysWhatItDoesNotUse()
    {
        using var folder = new TemporaryFolder();
        File.Copy(Path.Combine(GoldenModels.Folder("squeezebert-sequence-classification"), "config.json"), folder.File("config.json"));
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Fixtures", "formats", "old-names.bin"), folder.File("pytorch_model.bin"));

        using (var opened = ModelFolder.Open(folder.Path))
        {
            var report = opened.CompareWeights();
            Assert.True(report.IsComplete);
            Assert.Equal(["transformer.embeddings.position_ids"], report.Ignored);
            Assert.Equal("every parameter is there and every tensor is used", report.ToString());
        }

        var configuration = (SqueezeBertConfiguration)ModelConfiguration.Load(folder.Path);
        (configuration with { LayerCount = configuration.LayerCount - 1 }).Save(folder.Path);
        using (var opened = ModelFolder.Open(folder.Path))
        {
            var report = opened.CompareWeights();
            Assert.Equal(16, report.Unused.Count);
            Assert.All(report.Unused,
                name => Assert.StartsWith($"transformer.encoder.layers.{configuration.LayerCount - 1}.", name, StringComparison.Ordinal));
            Assert.StartsWith("every parameter is there; not used: transformer.encoder.layers.", report.ToString(),
                StringComparison.Ordinal);
            Assert.EndsWith(" and 11 more", report.ToString(), StringComparison.Ordinal);
        }

        (configuration with { LayerCount = configuration.LayerCount + 1 }).Save(folder.Path);
        using var larger = ModelFolder.Open(folder.Path);
        Assert.False(larger.CompareWeights().IsComplete);
        Assert.StartsWith("missing: transformer.encoder.layers.", larger.CompareWeights().ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void MissingAndMisshapenTensorsAreNamed()
    {
        using var folder = new TemporaryFolder();
        var configuration = Tiny();
        var parameters = ModelGraph.Create(configuration, ModelHead.SequenceClassification).Parameters;
        ModelFolder.Save(folder.Path, configuration, parameters.Where(parameter => parameter.Name != "classifier.bias")
            .Select(parameter => new NamedTensor(parameter.Name, parameter.Shape, Filled(parameter, 1))));
        using var opened = ModelFolder.Open(folder.Path);

        var missing = Assert.Throws<InvalidModelFileException>(() => opened.Weights.Require(parameters));
        Assert.Equal(("classifier.bias", folder.Path), (missing.Item, missing.File));
        var other = ModelGraph.Create(configuration with { Labels = ["a", "b", "c"] }, ModelHead.SequenceClassification);
        var shape = Assert.Throws<InvalidModelFileException>(() => opened.Weights.Check(other.Parameters));
        Assert.Equal("classifier.weight", shape.Item);
        Assert.Contains("has shape [2, 8]; config.json asks for [3, 8]", shape.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HalfPrecisionSaysSoInTheConfiguration()
    {
        using var folder = new TemporaryFolder();
        var configuration = Tiny();
        var parameters = ModelGraph.Create(configuration, ModelHead.None).Parameters;

        ModelFolder.Save(folder.Path, configuration,
            parameters.Select(parameter => new NamedTensor(parameter.Name, parameter.Shape, Filled(parameter, 1))), TensorType.Float16);

        using var opened = ModelFolder.Open(folder.Path);
        Assert.All(
            opened.Tensors.Names, name => Assert.True(opened.Tensors.TryGetTensor(name, out var info) && info.Type == TensorType.Float16));
        Assert.Equal("float16", (string?)opened.Configuration.ToJson()["dtype"]);
    }

    [Fact]
    public void APathThatDoesNotExistNamesTheNearest()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "sentiment-small"));
        Directory.CreateDirectory(Path.Combine(folder.Path, "unrelated"));

        var error = Assert.Throws<InvalidModelFileException>(() => ModelFolder.Open(Path.Combine(folder.Path, "sentimant")));

        Assert.Contains($"did you mean '{Path.Combine(folder.Path, "sentiment-small")}'?", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("unrelated", error.Message, StringComparison.Ordinal);
        Assert.Contains("hf:owner/name", Assert.Throws<InvalidModelFileException>(() => ModelFolder.Open("nobody/nothing-like-it")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderWithoutReadableWeightsSaysWhatItHas()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("has no config.json", Assert.Throws<InvalidModelFileException>(() => ModelFolder.Open(folder.Path)).Message,
            StringComparison.Ordinal);
        Tiny().Save(folder.Path);
        Assert.Contains("has no model.safetensors or pytorch_model.bin",
            Assert.Throws<InvalidModelFileException>(() => ModelFolder.Open(folder.Path)).Message, StringComparison.Ordinal);
        folder.Write("tf_model.h5", [1]);
        Assert.Contains("only tf_model.h5 (TensorFlow / Keras)",
            Assert.Throws<InvalidModelFileException>(() => ModelFolder.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    private static SqueezeBertConfiguration Tiny() =>
        new() { VocabularySize = 5, HiddenSize = 8, HeadCount = 2, LayerCount = 1, IntermediateSize = 16, MaxPositionEmbeddings = 4 };

    private static float[] Filled(Parameter parameter, int seed)
    {
        var values = new float[parameter.Length];
        for (var i = 0; i < values.Length; i++) values[i] = seed + (i / 1024f);
        return values;
    }

    private static void AssertSameTensors(string expectedPath, string actualPath)
    {
        using var expected = SafetensorsFile.Open(expectedPath);
        using var actual = SafetensorsFile.Open(actualPath);
        Assert.Equal(expected.Names.Order(), actual.Names.Order());
        foreach (var name in expected.Names)
        {
            Assert.True(expected.TryGetTensor(name, out var expectedInfo));
            Assert.True(actual.TryGetTensor(name, out var actualInfo));
            Assert.Equal(expectedInfo.ToString(), actualInfo.ToString());
            var expectedValues = new float[expectedInfo.ElementCount];
            var actualValues = new float[actualInfo.ElementCount];
            expected.ReadFloats(name, expectedValues);
            actual.ReadFloats(name, actualValues);
            Assert.Equal(expectedValues, actualValues);
        }
    }
}
