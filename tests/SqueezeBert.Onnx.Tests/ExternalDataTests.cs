using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Inference;

namespace SqueezeBert.Onnx.Tests;

/// <summary>Weights in a file beside the model's, and files that are whole or not there.</summary>
public class ExternalDataTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(20_000)]
    public void AFileThatWouldBeTooLargeHasItsWeightsBesideIt(long threshold)
    {
        Runtime.SkipWithout();
        using var model = new SmallModel("squeezebert", ModelHead.None);
        var path = model.File("onnx/model.onnx");
        model.Folder.SaveOnnx(path, new OnnxOptions { ExternalDataThreshold = threshold });
        Assert.True(new FileInfo(path + ".data").Length > 20_000);
        using var engine = ModelLoader.Load(model.Folder);
        using var session = Runtime.Open(path);
        var batch = ModelBatch.Of(5, 3, 9);
        ModelBatch.Near(batch.Ours(engine, [OutputNames.PoolerOutput])[OutputNames.PoolerOutput],
            Runtime.Run(session, batch)[OutputNames.PoolerOutput], "pooler");
        using var read = ModelFolder.Open(path);
        foreach (var parameter in ModelGraph.Create(model.Folder.Configuration, ModelHead.None).Parameters)
        {
            float[] expected = new float[parameter.Length], actual = new float[parameter.Length];
            model.Folder.Weights.Read(parameter, expected);
            read.Weights.Read(parameter, actual);
            Assert.Equal(expected, actual);
        }
    }

    [Fact]
    public void AThresholdIsCrossedByTheFirstByteTooMany()
    {
        using var model = new SmallModel("bert", ModelHead.None);
        var path = model.File("model.onnx");
        model.Folder.SaveOnnx(path);
        var length = new FileInfo(path).Length;
        model.Folder.SaveOnnx(path, new OnnxOptions { ExternalDataThreshold = length });
        Assert.False(File.Exists(path + ".data"));
        Assert.Equal(length, new FileInfo(path).Length);
        model.Folder.SaveOnnx(path, new OnnxOptions { ExternalDataThreshold = length - 1 });
        Assert.True(File.Exists(path + ".data"));
        Assert.True(new FileInfo(path).Length < length);
    }

    [Fact]
    public void ACancelledFileLeavesTheOldOne()
    {
        using var model = new SmallModel("bert", ModelHead.None);
        var path = model.File("model.onnx");
        File.WriteAllText(path, "old");
        foreach (var options in (OnnxOptions[])[new(), new() { ExternalDataThreshold = 0 }])
        {
            Assert.Throws<OperationCanceledException>(
                () => model.Folder.SaveOnnx(path, options, new CancellationToken(canceled: true)));
        }

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal(["config.json", "model.onnx", "model.safetensors"],
            Directory.EnumerateFiles(model.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void TheSameModelGivesTheSameBytes()
    {
        using var model = new SmallModel("separable", ModelHead.TokenClassification);
        foreach (var name in (string[])["a.onnx", "b.onnx"]) model.Folder.SaveOnnx(model.File(name));
        Assert.Equal(File.ReadAllBytes(model.File("a.onnx")), File.ReadAllBytes(model.File("b.onnx")));
    }
}
