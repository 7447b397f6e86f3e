using Microsoft.ML.OnnxRuntime;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Tests.ModelFolders;

namespace SqueezeBert.Onnx.Tests;

/// <summary>
/// What ONNX Runtime's optimizer makes of a file: attention, GELU and norms become operators of its own. The small models have three
/// layers.
/// </summary>
public class FusionTests
{
    private static readonly string[] Fused = ["Attention", "EmbedLayerNormalization", "SkipLayerNormalization", "LayerNormalization",
        "BiasGelu", "Gelu", "FastGelu", "FusedMatMul", "Softmax", "Erf", "ReduceMean"];

    /// <summary>The architecture, and how often each of the operators is there; those that are not named are not there.</summary>
    public static TheoryData<string, string> Counts => new()
    {
        { "bert", "Attention 3, EmbedLayerNormalization 1, SkipLayerNormalization 6, BiasGelu 3" },
        { "bert, tanh", "Attention 3, EmbedLayerNormalization 1, SkipLayerNormalization 6, FastGelu 3" },
        { "distilbert", "Attention 3, EmbedLayerNormalization 1, SkipLayerNormalization 6, BiasGelu 3" },
        { "electra", "Attention 3, EmbedLayerNormalization 1, SkipLayerNormalization 6, BiasGelu 3" },

        // The first layer has no norm before it but a projection.
        { "electra, projected", "Attention 2, SkipLayerNormalization 6, LayerNormalization 1, BiasGelu 3, FusedMatMul 1, Softmax 1" },

        // Queries, keys and values are convolutions: no exporter's file has a form that the optimizer takes for an attention.
        { "squeezebert", "SkipLayerNormalization 6, LayerNormalization 1, Gelu 3, FusedMatMul 6, Softmax 3" },
        { "separable", "SkipLayerNormalization 9, LayerNormalization 1, Gelu 6, FusedMatMul 6, Softmax 3" },

        // An attention narrower than the layer's input, scale and shift in place of norms, ReLU.
        { "mobilebert", "FusedMatMul 3, Softmax 3" },
        { "mobilebert, layer norm", "SkipLayerNormalization 13, LayerNormalization 6, FusedMatMul 3, Softmax 3" },
        { "static", "" },
    };

    [Theory]
    [MemberData(nameof(Counts))]
    public void TheOptimizerKnowsTheLayers(string name, string expected)
    {
        Runtime.SkipWithout();
        using var model = new SmallModel(name, ModelHead.None);
        model.Folder.SaveOnnx(model.File("onnx/model.onnx"));
        Assert.Equal(expected, Optimized(model.File("onnx/model.onnx")));
    }

    [Fact]
    public void TheNewestSetWithAttentionIsTheDefault()
    {
        Runtime.SkipWithout();
        using var model = new SmallModel("bert", ModelHead.None);
        foreach (var set in Enumerable.Range(OnnxOptions.MinOperatorSet, OnnxOptions.MaxOperatorSet - OnnxOptions.MinOperatorSet + 1))
        {
            model.Folder.SaveOnnx(model.File("onnx/model.onnx"), new OnnxOptions { OperatorSet = set });
            Assert.Equal(set <= new OnnxOptions().OperatorSet,
                Optimized(model.File("onnx/model.onnx")).Contains("Attention", StringComparison.Ordinal));
        }
    }

    /// <summary>
    /// The form of PyTorch's exporter, in its oldest and newest operator set, which real files of MiniLM have: biases before products,
    /// sizes that only a run knows.
    /// </summary>
    [Theory]
    [InlineData(11)]
    [InlineData(13)]
    [InlineData(17)]
    public void NoLessIsFusedThanOfPyTorchsExports(int set)
    {
        Runtime.SkipWithout();
        using var folder = new TemporaryFolder();
        using var original = ModelFolder.Open(GoldenModels.Folder("bert-encoder"));
        var norm = set < 17 ? NormStyle.Decomposed : NormStyle.Operator;
        BertFile.Save(folder.File("theirs.onnx"), (BertConfiguration)original.Configuration, original.Weights,
            new BertStyle { OperatorSet = set, Norm = norm });
        original.SaveOnnx(folder.File("ours.onnx"));
        Assert.Equal("LayerNormalization 7, BiasGelu 3, FusedMatMul 3, Softmax 3", Optimized(folder.File("theirs.onnx")));
        Assert.Equal("Attention 3, EmbedLayerNormalization 1, SkipLayerNormalization 6, BiasGelu 3", Optimized(folder.File("ours.onnx")));
    }

    private static string Optimized(string path)
    {
        Runtime.Optimize(path, path + ".optimized", GraphOptimizationLevel.ORT_ENABLE_EXTENDED);
        var counts = Runtime.Operators(path + ".optimized");
        return string.Join(", ", Fused.Where(counts.ContainsKey).Select(name => $"{name} {counts[name]}"));
    }
}
