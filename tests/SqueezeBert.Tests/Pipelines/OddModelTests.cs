using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.Pipelines;

/// <summary>Models with one odd thing each: transformers' answer, or an error that names it.</summary>
public sealed class OddModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("odd-model").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void AMaskIsFoundBesideAnAddedEmoji()
    {
        using var filler = MaskFiller.Load(Cases.Folder("fill-with-added-emoji"));
        var mask = Assert.Single(filler.Fill("the [MASK] sat").Masks);
        Assert.Equal((4, 10), (mask.Start, mask.End));
    }

    [Theory]
    [InlineData("single_label_classification", 0.4487)]
    [InlineData("multi_label_classification", 0.4487)]
    [InlineData(null, 0.4487)]
    [InlineData("regression", -0.2058)]
    public void OneLabelHasASigmoidUnlessItIsARegression(string? problem, double expected)
    {
        Cases.CopyTo("one-single-label", _folder);
        ChangeConfiguration(json => json["problem_type"] = problem);
        using var classifier = TextClassifier.Load(_folder);
        Assert.Equal(expected, classifier.Classify("the cat sat").Score, 4);
    }

    [Fact]
    public void AnUntiedDecoderMustBeInTheFile()
    {
        var exception = Assert.Throws<InvalidModelFileException>(() => MaskFiller.Load(Cases.Folder("untied-decoder")));
        Assert.Equal("cls.predictions.decoder.weight", exception.Item);
        Assert.Contains("\"tie_word_embeddings\": false", exception.Reason, StringComparison.Ordinal);
        using (var folder = ModelFolder.Open(Cases.Folder("untied-decoder")))
            Assert.Equal(["cls.predictions.decoder.weight"], folder.CompareWeights().Missing);

        // The encoder does without it, and a file that has it is used.
        using var extractor = FeatureExtractor.Load(Cases.Folder("untied-decoder"));
        Cases.CopyTo("untied-decoder", _folder);
        ChangeConfiguration(json => json["tie_word_embeddings"] = true);
        using var filler = MaskFiller.Load(_folder);
        Assert.Single(filler.Fill("the [MASK]").Masks);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void AWeightThatIsNoNumberIsNamed(float value)
    {
        var exception = Assert.Throws<InvalidModelFileException>(() => TextClassifier.Load(Cases.Folder("nan-weight")));
        Assert.EndsWith("weight", exception.Item, StringComparison.Ordinal);
        Assert.Contains("is NaN", exception.Reason, StringComparison.Ordinal);

        Cases.CopyTo("entailment", _folder);
        Rewrite("classifier.weight", values => values[^1] = value);
        exception = Assert.Throws<InvalidModelFileException>(() => TextClassifier.Load(_folder));
        Assert.Equal("classifier.weight", exception.Item);
        Assert.Contains($"element 47 is {(float.IsNaN(value) ? "NaN" : "Infinity")}", exception.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void ABiasMayExcludeALabel()
    {
        Cases.CopyTo("entailment", _folder);
        Rewrite("classifier.bias", values => values[0] = float.NegativeInfinity);
        using var classifier = TextClassifier.Load(_folder);
        Assert.Equal(0, classifier.Classify("the cat").Labels.Single(label => label.Label == "contradiction").Score);
    }

    [Theory]
    [InlineData("""{"0":0,"1":1}""", null)]
    [InlineData("""{"1":"a","2":"b"}""", "label id '2'")]
    [InlineData("""{"0":"a","1":null}""", "the name of label 1")]
    public void AnEncoderNeedsNoLabelNames(string labels, string? problem)
    {
        using (var embedder = TextEmbedder.Load(Cases.Folder("numbered-labels")))
            Assert.Equal(16, embedder.Embed("the cat").Vector.Length);

        Cases.CopyTo("entailment", _folder);
        ChangeConfiguration(json => json["id2label"] = JsonNode.Parse(labels));
        using (var embedder = TextEmbedder.Load(_folder)) Assert.Equal(16, embedder.Embed("the cat").Vector.Length);
        if (problem is null)
        {
            Assert.Equal(["0", "1"], ModelConfiguration.Load(_folder).Labels);
            return;
        }

        var exception = Assert.Throws<InvalidModelFileException>(() => TextClassifier.Load(_folder));
        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
        Assert.Contains("config.json", exception.File, StringComparison.Ordinal);
        Assert.Equal(labels, ModelConfiguration.Load(_folder).ToJson()["id2label"]!.ToJsonString());
        (ModelConfiguration.Load(_folder) with { Labels = ["x", "y"] }).Save(_folder);
        Assert.Equal(["x", "y"], ModelConfiguration.Load(_folder).Labels);
    }

    [Fact]
    public void APoolingThatVersionsReadDifferentlyIsRefused() =>
        Assert.Equal("field 'pooling_mode_mean_tokens'",
            Assert.Throws<InvalidModelFileException>(() => TextEmbedder.Load(Cases.Folder("one-pooling-flag"))).Item);

    [Theory]
    [InlineData("This is {}.", "This is cat.")]
    [InlineData("{0}, {0}!", "cat, cat!")]
    [InlineData("{{{}}} is {{it}}", "{cat} is {it}")]
    [InlineData("{}{{}}", "cat{}")]
    [InlineData("This is {{}}.", null)]
    [InlineData("This is it.", null)]
    [InlineData("{} is {}.", null)]
    [InlineData("{} is {0}.", null)]
    [InlineData("{0} is {}.", null)]
    [InlineData("This is {label}.", null)]
    [InlineData("This is {1}.", null)]
    [InlineData("This is {.", null)]
    [InlineData("This is }, {}.", null)]
    [InlineData("{!r}", null)]
    public void ATemplateIsFilledAsPythonFormatsIt(string template, string? filled)
    {
        var options = new ZeroShotClassifierOptions { HypothesisTemplate = template };
        if (filled is null)
        {
            var exception = Assert.Throws<ArgumentException>(() => ZeroShotClassifier.Load(Cases.Folder("entailment"), options));
            Assert.Contains($"'{template}'", exception.Message, StringComparison.Ordinal);
            return;
        }

        using var classifier = ZeroShotClassifier.Load(Cases.Folder("entailment"), options);
        Assert.Equal(classifier.Tokenizer.Encode(filled, new EncodingOptions { AddSpecialTokens = false }).Ids.ToArray(),
            classifier.Prepare(["cat"]).Hypotheses[0]);
    }

    private void ChangeConfiguration(Action<JsonObject> change)
    {
        var file = Path.Combine(_folder, "config.json");
        var json = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        change(json);
        File.WriteAllText(file, json.ToJsonString());
    }

    private void Rewrite(string tensor, Action<float[]> change)
    {
        var file = Path.Combine(_folder, "model.safetensors");
        var writer = new SafetensorsWriter();
        using (var tensors = SafetensorsFile.Open(file))
        {
            foreach (var name in tensors.Names)
            {
                Assert.True(tensors.TryGetTensor(name, out var info));
                var values = new float[info.ElementCount];
                tensors.ReadFloats(name, values);
                if (name == tensor) change(values);
                writer.Add(name, [.. info.Shape.Select(size => (int)size)], values);
            }
        }

        writer.Save(file);
    }
}
