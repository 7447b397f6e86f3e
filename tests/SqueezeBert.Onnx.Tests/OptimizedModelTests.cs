using Microsoft.ML.OnnxRuntime;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.ModelFolders.Onnx.Writing;
using SqueezeBert.Tests.ModelFolders;

namespace SqueezeBert.Onnx.Tests;

/// <summary>Files that ONNX Runtime's optimizer has rewritten: constants folded, operators fused into its own.</summary>
public class OptimizedModelTests
{
    public static TheoryData<string, GraphOptimizationLevel> Models
    {
        get
        {
            var data = new TheoryData<string, GraphOptimizationLevel>();
            foreach (var folder in GoldenModels.Folders)
            {
                // The runtime wants three dimensions for a question with several choices, and its texts have two here.
                var name = Path.GetFileName(folder);
                data.Add(name, GraphOptimizationLevel.ORT_ENABLE_BASIC);
                data.Add(name, GraphOptimizationLevel.ORT_ENABLE_EXTENDED);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void HasTheSameBits(string name, GraphOptimizationLevel level)
    {
        Runtime.SkipWithout();
        using var folder = new TemporaryFolder();
        using var original = ModelFolder.Open(GoldenModels.Folder(name));
        var head = ModelGraph.HeadOf(original.Configuration);
        var graph = ModelGraph.Create(original.Configuration, head, RowSet.Tokens);
        OnnxExport.Save(folder.File("plain.onnx"), graph, original.Weights, OnnxExport.OutputsOf(graph));
        Runtime.Optimize(folder.File("plain.onnx"), folder.File("model.onnx"), level);
        using var read = ModelFolder.Open(folder.File("model.onnx"));
        foreach (var parameter in graph.Parameters)
        {
            float[] expected = new float[parameter.Length], actual = new float[parameter.Length];
            original.Weights.Read(parameter, expected);
            read.Weights.Read(parameter, actual);
            Assert.True(expected.AsSpan().SequenceEqual(actual), parameter.Name);
        }
    }
}
