using SqueezeBert.Checkpoints;
using SqueezeBert.Models;

namespace SqueezeBert.Tests.Checkpoints;

public sealed class ModelFolderTests
{
    public static TheoryData<string> Models => [.. GoldenModels.Folders.Select(folder => Path.GetFileName(folder)!)];

    [Theory]
    [MemberData(nameof(Models))]
    public void Holds_exactly_the_graphs_parameters(string name)
    {
        using var folder = ModelFolder.Open(GoldenModels.Folder(name));
        var graph = ModelGraph.Create(folder.Configuration, ModelGraph.HeadOf(folder.Configuration));

        var report = folder.Weights.Require(graph.Parameters);

        Assert.Empty(report.Unused);
        Assert.Equal(folder.Tensors.Names.Count, graph.Parameters.Count);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_saved_folder_has_the_same_bytes(string name)
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
