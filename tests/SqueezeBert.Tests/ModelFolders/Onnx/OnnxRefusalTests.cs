using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.ModelFolders.Onnx;
using SqueezeBert.ModelFolders.Onnx.Writing;

namespace SqueezeBert.Tests.ModelFolders.Onnx;

/// <summary>What is damaged, hostile or no supported model is refused in one sentence.</summary>
public class OnnxRefusalTests
{
    [Fact]
    public void AnOperatorThatNoSupportedModelHasIsNamed()
    {
        var file = Inputs();
        file.AddNamed("y", "Einsum", [file.Add("Gather", [Table(file), "input_ids"])], ("equation", "bij->bij"));
        file.Output("y", OnnxTensor.Float, "batch", "tokens", 4);
        Assert.Equal("model.onnx: operator 'Einsum' (node 'y') is not supported: no supported model has it",
            OnnxBytes.Refusal(OnnxBytes.Of(file)));
    }

    [Fact]
    public void AnOperatorOfAnotherDomainIsNamedWithIt()
    {
        var file = Inputs();
        file.AddNamed("y", "com.microsoft.MatMulNBits", ["input_ids"]);
        file.Output("y", OnnxTensor.Float, "batch", "tokens", 4);
        Assert.Contains("operator 'com.microsoft.MatMulNBits' (node 'y') is not supported", OnnxBytes.Refusal(OnnxBytes.Of(file)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void WhatNoOutputDependsOnDoesNotMatter()
    {
        var file = Inputs();
        file.AddNamed("unused", "Einsum", ["input_ids"], ("equation", "bi->bi"));
        file.AddNamed("y", "Add", [file.Add("Gather", [Table(file), "input_ids"]),
            file.Add("Gather", [Zeros(file, "other", 11, 4), "input_ids"])]);
        file.Output("y", OnnxTensor.Float, "batch", "tokens", 4);
        Assert.Contains("has no position embeddings", OnnxBytes.Refusal(OnnxBytes.Of(file)), StringComparison.Ordinal);
    }

    [Fact]
    public void AGraphThatIsNearlyABERTIsRefusedByWhatIsDifferent()
    {
        using (var good = OnnxBytes.Open(OnnxBytes.Of(OnnxBytes.Odd()))) Assert.Equal("bert", good.Configuration.ModelType);
        using (var relu = OnnxBytes.Open(OnnxBytes.Of(OnnxBytes.Odd(activation: Activation.Relu)))) Assert.Equal(Activation.Relu,
            relu.Configuration.HiddenActivation);
        var epsilon = OnnxBytes.Refusal(OnnxBytes.Of(OnnxBytes.Odd(epsilon: 1e-3f)));

        // The last operator of a norm that is spelled out.
        Assert.Contains("operator 'Add'", epsilon, StringComparison.Ordinal);
        Assert.Contains("an epsilon of 0.001; 'encoder.layer.0.output.LayerNorm' of a bert model has 1E-12", epsilon,
            StringComparison.Ordinal);
        Assert.Contains("stands where", OnnxBytes.Refusal(OnnxBytes.Of(OnnxBytes.Odd(isNormFirst: true))), StringComparison.Ordinal);
        Assert.Contains("stands where a sum is expected", OnnxBytes.Refusal(OnnxBytes.Of(OnnxBytes.Odd(hasSecondResidual: true))),
            StringComparison.Ordinal);
    }

    /// <summary>Found by the fuzz run: a bit of the axis that tells a DistilBERT from a BERT, and a pooler behind it.</summary>
    [Fact]
    public void APoolerBehindAModelThatHasNoneIsRefused()
    {
        var configuration = new DistilBertConfiguration
        {
            VocabularySize = 11,
            HiddenSize = 8,
            LayerCount = 1,
            HeadCount = 2,
            IntermediateSize = 12,
            MaxPositionEmbeddings = 9,
        };
        var g = new GraphBuilder();
        var hidden = SupportedArchitectures.Of(configuration).Encoder(g, configuration);
        g.Output(OutputNames.LastHiddenState, hidden);
        var first = g.SelectRows(hidden, RowSet.FirstTokens);
        g.Output(OutputNames.PoolerOutput, g.Activate(g.Linear(first, "pooler.dense", 8), Activation.Tanh));
        Assert.Equal(
            "model.onnx: has a pooler_output, which a model of the type 'distilbert' does not have",
            OnnxBytes.Refusal(OnnxBytes.Of(g.Build(ModelHead.None))));
    }

    [Theory]
    [InlineData("Add", 1)]
    [InlineData("Mul", 0)]
    public void AMaskThatDoesNotMaskIsRefused(string operation, float padding)
    {
        // Scores of padding change by little: the softmax still sees it.
        var file = Inputs();
        var rows = file.Add("Gather", [Table(file), "input_ids"]);
        var scores = file.Add("MatMul", [rows, file.Add("Transpose", [rows], ("perm", new[] { 0L, 2, 1 }))]);
        var mask = file.Add("Mul", [file.Add("Cast", [file.Add("Unsqueeze", ["attention_mask", file.Integers(1)])], ("to", 1L)),
            file.Scalar(padding)]);
        file.AddNamed("y", "MatMul", [file.Add("Softmax", [file.Add(operation, [scores, mask])], ("axis", -1L)), rows]);
        file.Output("y", OnnxTensor.Float, "batch", "tokens", 4);
        Assert.Contains($"operator '{operation}'", OnnxBytes.Refusal(OnnxBytes.Of(file)), StringComparison.Ordinal);
    }

    [Fact]
    public void AnAttentionOfOneDirectionIsRefused()
    {
        var file = Inputs();
        var rows = file.Add("Gather", [Table(file), "input_ids"]);
        file.AddNamed(
            "y", "com.microsoft.Attention", [rows, Zeros(file, "w", 4, 12), Zeros(file, "b", 12)], ("num_heads", 2L),
                ("unidirectional", 1L));
        file.Output("y", OnnxTensor.Float, "batch", "tokens", 4);
        Assert.Contains("com.microsoft.Attention", OnnxBytes.Refusal(OnnxBytes.Of(file)), StringComparison.Ordinal);
    }

    [Fact]
    public void PositionsThatDoNotCountFromZeroAreRefused()
    {
        // RoBERTa's begin at 2.
        var file = Inputs();
        var tokens = file.Add("Gather", [file.Add("Shape", ["input_ids"]), file.Integers(1)]);
        var ids = file.Add("Slice", [file.Constant(OnnxTensor.OfIntegers("positions", [2, 3, 4, 5, 6, 7, 8, 9, 10])), file.Integers(0),
            tokens, file.Integers(0)]);
        file.AddNamed("y", "Add", [file.Add("Gather", [Table(file), "input_ids"]), file.Add("Gather", [Table(file), ids])]);
        file.Output("y", OnnxTensor.Float, "batch", "tokens", 4);
        Assert.Contains("operator 'Add' (node 'y') is not supported", OnnxBytes.Refusal(OnnxBytes.Of(file)), StringComparison.Ordinal);
    }

    [Fact]
    public void ANodeThatReadsWhatComesLaterIsRefused()
    {
        var file = Inputs();
        file.AddNamed("a", "Identity", ["b"]);
        file.AddNamed("b", "Identity", ["a"]);
        file.Output("a", OnnxTensor.Float, "batch");
        Assert.Contains("operator 'Identity' (node 'a') reads 'b', which no node before it makes", OnnxBytes.Refusal(OnnxBytes.Of(file)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void ANameThatIsMadeTwiceIsRefused()
    {
        var file = Inputs();
        file.AddNamed("input_ids", "Identity", ["attention_mask"]);
        Assert.Contains("makes 'input_ids', which is there already", OnnxBytes.Refusal(OnnxBytes.Of(file)), StringComparison.Ordinal);
    }

    [Fact]
    public void AnInputThatNoModelHasIsNamed()
    {
        var file = new OnnxFile(17);
        file.AddNamed("y", "Gather", [Table(file), file.Input("pixel_values", OnnxTensor.Int64, "batch", "tokens")]);
        file.Output("y", OnnxTensor.Float, "batch", "tokens", 4);
        Assert.Contains("input 'pixel_values' is none that a supported model has", OnnxBytes.Refusal(OnnxBytes.Of(file)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void AFileThatIsCutOffAnywhereIsRefused()
    {
        var good = OnnxBytes.Good();
        OnnxBytes.Open(good).Dispose();
        for (var length = 0; length < good.Length; length++) OnnxBytes.Refusal(good[..length]);
    }

    [Fact]
    public void OtherFilesAreToldFromONNX()
    {
        Assert.Contains("has no graph", OnnxBytes.Refusal([]), StringComparison.Ordinal);
        Assert.Contains("is a Git LFS pointer", OnnxBytes.Refusal([.. "version https://git-lfs.github.com/spec/v1\n"u8]),
            StringComparison.Ordinal);
        Assert.Contains("is not a valid ONNX file", OnnxBytes.Refusal([.. "PK\u0003\u0004 something that is a zip archive"u8]),
            StringComparison.Ordinal);
        Assert.Contains("is not a valid ONNX file", OnnxBytes.Refusal([.. "{\"model_type\":\"bert\"}"u8]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new[] { 1L << 62, 4 }, 16, "impossible size")]
    [InlineData(new[] { -1L, 4 }, 16, "negative size")]
    [InlineData(new[] { 1L << 40 }, 16, "more than a tensor of a supported model has")]
    [InlineData(new[] { 3L, 4 }, 16, "has 16 bytes where its shape [3, 4] and type Float32 need 48")]
    public void SizesThatAreNotThoseOfTheBytesAreRefused(long[] sizes, int bytes, string message) =>
        Assert.Contains(message, OnnxBytes.Refusal(OnnxBytes.WithTensor(sizes, bytes)), StringComparison.Ordinal);

    [Theory]
    [InlineData(8)]
    [InlineData(14)]
    [InlineData(22)]
    public void ElementsOfOtherTypesAreRefused(int type) =>
        Assert.Contains($"elements of type {type}", OnnxBytes.Refusal(OnnxBytes.WithTensor([1], 16, type)), StringComparison.Ordinal);

    [Theory]
    [InlineData("../weights", "is not the plain name of a file beside the model")]
    [InlineData("/etc/passwd", "is not the plain name of a file beside the model")]
    [InlineData("C:\\weights", "is not the plain name of a file beside the model")]
    [InlineData("folder/weights", "is not the plain name of a file beside the model")]
    [InlineData("", "is not the plain name of a file beside the model")]
    [InlineData("nowhere", "no such file")]
    [InlineData("short", "from 0 on end after 'short', which has 3")]
    [InlineData("link", "is a link out of the model's folder")]
    public void ExternalDataIsOnlyBesideTheModel(string location, string message)
    {
        Assert.SkipWhen(location == "link" && OperatingSystem.IsWindows(), "links need a privilege there");
        using var outside = new TemporaryFolder();
        using var folder = new TemporaryFolder();
        outside.Write("secret", new byte[16]);
        folder.Write("short", new byte[3]);
        if (!OperatingSystem.IsWindows()) File.CreateSymbolicLink(folder.File("link"), outside.File("secret"));
        var path = folder.Write("model.onnx", OnnxBytes.WithField(5, External(("location", location))));
        Assert.Contains(message, Assert.Throws<InvalidModelFileException>(() => OnnxModel.Open(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("offset", "-4")]
    [InlineData("offset", "99999999999999999999")]
    [InlineData("length", "ten")]
    [InlineData("length", "15")]
    public void PlacesOfExternalDataAreChecked(string field, string value)
    {
        using var folder = new TemporaryFolder();
        folder.Write("weights", new byte[16]);
        var path = folder.Write("model.onnx", OnnxBytes.WithField(5, External(("location", "weights"), (field, value))));
        Assert.Equal("weight", Assert.Throws<InvalidModelFileException>(() => OnnxModel.Open(path)).Item);
    }

    [Fact]
    public void ConstantsThatGrowAreRefused()
    {
        // Twice as large with each node.
        var file = Inputs();
        var value = Zeros(file, "w", 64, 64);
        for (var i = 0; i < 40; i++) value = file.Add("Concat", [value, value], ("axis", 0L));
        Assert.Contains("too large for its length", OnnxBytes.Refusal(OnnxBytes.Of(file)), StringComparison.Ordinal);
    }

    [Fact]
    public void ConstantsBehindManyOperatorsAreRefused()
    {
        // Reading would go as deep as there are nodes.
        var file = Inputs();
        var value = Zeros(file, "w", 64, 64);
        for (var i = 0; i < 60; i++)
        {
            value = file.Add("Slice", [value, file.Integers(0), file.Integers(63 - i), file.Integers(0)]);
            value = file.Add("Transpose", [value], ("perm", new[] { 1L, 0 }));
        }

        Assert.Contains("through more than 16 operators", OnnxBytes.Refusal(OnnxBytes.Of(file)), StringComparison.Ordinal);
    }

    [Fact]
    public void MuchArithmeticOnConstantsIsRefused()
    {
        var file = Inputs();
        var value = file.Add("Range", [file.Integers(0), file.Integers(60_000), file.Integers(1)]);
        for (var i = 0; i < 1000; i++) value = file.Add("Add", [value, file.Integers(i)]);
        Assert.Contains("computes with more constants", OnnxBytes.Refusal(OnnxBytes.Of(file)), StringComparison.Ordinal);
    }

    private static OnnxFile Inputs()
    {
        var file = new OnnxFile(17);
        file.Input("input_ids", OnnxTensor.Int64, "batch", "tokens");
        file.Input("attention_mask", OnnxTensor.Int64, "batch", "tokens");
        return file;
    }

    private static string Table(OnnxFile file) => Zeros(file, "table", 11, 4);

    private static string Zeros(OnnxFile file, string name, params long[] shape) =>
        file.Constant(OnnxTensor.OfBytes(name, shape, OnnxTensor.Float, () =>
            new byte[4 * shape.Aggregate(1L, (product, size) => product * size)]));

    private static ProtobufMessage External(params (string Key, string Value)[] fields)
    {
        var tensor = new ProtobufMessage().Integer(1, 4).Text(8, "weight").Integer(2, OnnxTensor.Float);
        foreach (var (key, value) in fields) tensor.Message(13, new ProtobufMessage().Text(1, key).Text(2, value));
        return tensor.Integer(14, 1);
    }
}
