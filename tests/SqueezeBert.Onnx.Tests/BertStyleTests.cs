using Microsoft.ML.OnnxRuntime;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;
using SqueezeBert.Tests.ModelFolders;

namespace SqueezeBert.Onnx.Tests;

/// <summary>
/// One BERT in the many ways in which exporters, converters and optimizers write it. ONNX Runtime runs each file, so each is valid and
/// computes the model; the reader gives the
/// weights back.
/// </summary>
public class BertStyleTests
{
    private static readonly Dictionary<string, BertStyle> Styles = new()
    {
        ["TorchScript, operator set 11"] = new() { OperatorSet = 11, Norm = NormStyle.Decomposed },
        ["TorchScript, operator set 13"] = new() { OperatorSet = 13, Norm = NormStyle.Decomposed },
        ["TorchScript, operator set 17"] = new(),
        ["dynamo, operator set 18"] = new()
        {
            OperatorSet = 18,
            Linear = LinearStyle.TransposeNode,
            Attention = AttentionStyle.ScaledDotProduct,
            Embedding = EmbeddingStyle.Range,
        },
        ["dynamo, operator set 20, flattened"] = new()
        {
            OperatorSet = 20,
            Linear = LinearStyle.Flattened,
            Attention = AttentionStyle.ScaledDotProduct,
            Embedding = EmbeddingStyle.Range,
            Gelu = GeluStyle.Operator,
        },
        ["filled padding, factors in another order"] =
            new() { Attention = AttentionStyle.Filled, Gelu = GeluStyle.Reordered, Norm = NormStyle.Reciprocal },
        ["decomposed norms, operator set 18"] = new() { OperatorSet = 18, Norm = NormStyle.Decomposed },
        ["fused by ONNX Runtime"] = new()
        {
            Norm = NormStyle.Skip,
            Linear = LinearStyle.FusedMatMul,
            Attention = AttentionStyle.Packed,
            Embedding = EmbeddingStyle.Fused,
            Gelu = GeluStyle.BiasGelu,
        },
        ["fused by ONNX Runtime, separate projections"] =
            new() { Norm = NormStyle.Skip, Attention = AttentionStyle.MultiHead, Gelu = GeluStyle.Operator },
        ["float16"] = new() { Weights = WeightStyle.Float16 },
        ["bfloat16"] = new() { Weights = WeightStyle.BFloat16 },
        ["8 bits, dynamic"] = new() { Linear = LinearStyle.Dynamic8Bit, Norm = NormStyle.Decomposed },
        ["8 bits, dynamic, fused"] = new() { Linear = LinearStyle.DynamicQuantizeMatMul },
        ["8 bits, packed attention"] = new() { Attention = AttentionStyle.Packed8Bit },
        ["8 bits, rows looked up"] = new() { Embedding = EmbeddingStyle.Quantized },
        ["8 bits, QDQ by column"] = new() { Linear = LinearStyle.QuantizeDequantize },
    };

    public static TheoryData<string> Names => [.. Styles.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void TheWeightsAreThoseThatWereWritten(string name)
    {
        using var folder = new TemporaryFolder();
        using var original = ModelFolder.Open(GoldenModels.Folder("bert-encoder"));
        var (style, path) = (Styles[name], folder.File("model.onnx"));
        BertFile.Save(path, (BertConfiguration)original.Configuration, original.Weights, style);
        using var read = ModelFolder.Open(path);
        var graph = ModelGraph.Create(original.Configuration, ModelHead.None, RowSet.Tokens);
        Assert.Equal(graph.Parameters.Select(parameter => parameter.Name), read.Tensors.Names);
        foreach (var parameter in graph.Parameters)
        {
            float[] expected = new float[parameter.Length], actual = new float[parameter.Length];
            original.Weights.Read(parameter, expected);
            read.Weights.Read(parameter, actual);
            expected = style.Attention == AttentionStyle.Packed8Bit && parameter.Shape.Count == 2
                && SelfAttention(parameter) is { } attention
                ? ExpectedOfPacked(graph, original, parameter, attention)
                : Expected(style, parameter.Name, parameter.Shape, expected);
            Assert.True(expected.AsSpan().SequenceEqual(actual), parameter.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TheVectorsAreThoseOfONNXRuntime(string name)
    {
        Runtime.SkipWithout();
        using var folder = new TemporaryFolder();
        using var original = ModelFolder.Open(GoldenModels.Folder("bert-encoder"));
        var (style, path) = (Styles[name], folder.File("model.onnx"));
        BertFile.Save(path, (BertConfiguration)original.Configuration, original.Weights, style);
        int[][] ids = [[5, 9, 3, 77, 12, 40, 8], [1, 2, 3, 4, 5, 6, 7]];

        // The optimizer makes products of unsigned and signed bytes from this style, whose sums saturate on processors without VNNI.
        var theirs = Runtime.Run(path, ids, style.Linear == LinearStyle.QuantizeDequantize
            ? GraphOptimizationLevel.ORT_DISABLE_ALL : GraphOptimizationLevel.ORT_ENABLE_ALL)["last_hidden_state"];
        using var read = ModelFolder.Open(path);
        using var model = ModelLoader.Load(read);
        using var session = model.CreateSession("last_hidden_state");
        var batch = new PackedBatch();
        foreach (var text in ids) batch.Add(text, [.. text.Select((_, position) => position * 2 / text.Length)]);
        session.Run(batch);
        var ours = session.GetOutput("last_hidden_state").ToArray();

        // What quantizes activations is only near.
        var tolerance = style.Linear is LinearStyle.Dynamic8Bit or LinearStyle.DynamicQuantizeMatMul or LinearStyle.QuantizeDequantize
            || style.Attention == AttentionStyle.Packed8Bit ? 0.2 : 5e-6;
        var worst = theirs.Zip(ours).Max(pair => Math.Abs(pair.First - pair.Second));
        Assert.True(worst <= tolerance, $"{worst}");
    }

    [Fact]
    public void LargeTensorsMayLieInAFileBesideTheModel()
    {
        using var folder = new TemporaryFolder();
        using var original = ModelFolder.Open(GoldenModels.Folder("bert-encoder"));
        BertFile.Save(folder.File("model.onnx"), (BertConfiguration)original.Configuration, original.Weights, new BertStyle(),
            hasExternalData: true);
        Assert.True(new FileInfo(folder.File("model.onnx.data")).Length > 10_000);
        using (var read = ModelFolder.Open(folder.File("model.onnx")))
        {
            var parameter = ModelGraph.Create(original.Configuration, ModelHead.None).Parameters[0];
            float[] expected = new float[parameter.Length], actual = new float[parameter.Length];
            original.Weights.Read(parameter, expected);
            read.Weights.Read(parameter, actual);
            Assert.Equal(expected, actual);
        }

        File.Delete(folder.File("model.onnx.data"));
        var error = Assert.Throws<InvalidModelFileException>(() => ModelFolder.Open(folder.File("model.onnx")));
        Assert.Equal(folder.File("model.onnx.data"), error.File);
    }

    /// <summary>"encoder.layer.0.attention" of its projections; null of other parameters.</summary>
    private static string? SelfAttention(Parameter parameter) =>
        parameter.Name.IndexOf(".self.", StringComparison.Ordinal) is > 0 and var end ? parameter.Name[..end] : null;

    /// <summary>The three projections of a layer have one scale.</summary>
    private static float[] ExpectedOfPacked(Graph graph, ModelFolder original, Parameter parameter, string attention)
    {
        var packed = graph.Parameters.Where(other => other.Shape.Count == 2 && SelfAttention(other) == attention).ToList();
        var all = new float[packed.Sum(other => other.Length)];
        for (var i = 0; i < packed.Count; i++) original.Weights.Read(packed[i],
            all.AsSpan((int)(i * packed[i].Length), (int)packed[i].Length));
        return EightBits.Back(all).AsSpan((int)(packed.IndexOf(parameter) * parameter.Length), (int)parameter.Length).ToArray();
    }

    private static float[] Expected(BertStyle style, string name, IReadOnlyList<int> shape, float[] values)
    {
        var isProjected = name.StartsWith("encoder.", StringComparison.Ordinal) && shape.Count == 2;
        return style switch
        {
            { Weights: WeightStyle.Float16 } => Array.ConvertAll(values, value => (float)(Half)value),
            { Weights: WeightStyle.BFloat16 } =>
                Array.ConvertAll(values, value => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000)),
            { Linear: LinearStyle.Dynamic8Bit or LinearStyle.DynamicQuantizeMatMul } when isProjected => EightBits.Back(values),
            { Linear: LinearStyle.QuantizeDequantize } when isProjected => EightBits.RowsBack(values, shape[1]),
            { Embedding: EmbeddingStyle.Quantized } when name == "embeddings.word_embeddings.weight" => EightBits.Back(values),
            _ => values,
        };
    }
}
