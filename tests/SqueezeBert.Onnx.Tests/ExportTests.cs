using Microsoft.ML.OnnxRuntime;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Inference;
using SqueezeBert.ModelFolders.Onnx.Writing;

namespace SqueezeBert.Onnx.Tests;

/// <summary>
/// Every architecture with every head as an ONNX file: ONNX Runtime computes what this library does, and the file reads back the same.
/// </summary>
public class ExportTests
{
    public static TheoryData<string, string> Models => SmallModel.WithHeads;

    public static TheoryData<string, int> Sets
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var name in SmallModel.Configurations.Keys)
            {
                for (var set = OnnxOptions.MinOperatorSet; set <= OnnxOptions.MaxOperatorSet; set++) data.Add(name, set);
            }

            return data;
        }
    }

    [Fact]
    public void EveryArchitectureIsTried() => Assert.Equal(
        SupportedArchitectures.All.Select(architecture => architecture.Layout.ModelType).Order(StringComparer.Ordinal),
        SmallModel.Configurations.Values.Select(configuration => configuration.ModelType).Distinct().Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Models))]
    public void ONNXRuntimeGivesTheSameForPaddedBatchesOfAnySize(string name, string head)
    {
        Runtime.SkipWithout();
        using var model = new SmallModel(name, Enum.Parse<ModelHead>(head));
        SameResults(model, new OnnxOptions { Pooling = null }, name);
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void EveryOperatorSetGivesTheSameAndIsReadBack(string name, int set)
    {
        Runtime.SkipWithout();
        var hasPooler = SmallModel.Configurations[name].ModelType is not ("electra" or "distilbert" or "model2vec");
        using var model = new SmallModel(name, hasPooler ? ModelHead.SequenceClassification : ModelHead.None);
        SameResults(model, new OnnxOptions { OperatorSet = set }, name);
        SameWeights(model);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void AFileBesideItsConfigurationHasTheSameWeights(string name, string head)
    {
        using var model = new SmallModel(name, Enum.Parse<ModelHead>(head));
        model.Folder.SaveOnnx(model.File("onnx/model.onnx"));
        SameWeights(model);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void ConstantsHaveTheNamesAndShapesOfTheCheckpoint(string name, string head)
    {
        using var model = new SmallModel(name, Enum.Parse<ModelHead>(head));
        model.Folder.SaveOnnx(model.File("onnx/model.onnx"));
        var initializers = Runtime.Initializers(model.File("onnx/model.onnx"));
        var sentence = model.Folder.Configuration is StaticConfiguration;
        foreach (var parameter in model.Folder.Tensors.Names)
        {
            Assert.True(model.Folder.Tensors.TryGetTensor(parameter, out var info));
            Assert.True(initializers.TryGetValue(parameter, out var shape), parameter);
            Assert.Equal(info.Shape, shape);
        }

        Assert.All(initializers.Keys.Except(model.Folder.Tensors.Names),
            other => Assert.Matches("^(integers|index|scalar|trigram)_", other));
        Assert.Equal(sentence ? ["token_embeddings", "sentence_embedding"] : OnnxExport.OutputsOf(Graph(model)),
            Runtime.Outputs(model.File("onnx/model.onnx")));
    }

    [Fact]
    public void InputsAreThoseOfTransformersInTheirOrder()
    {
        foreach (var (name, inputs) in new (string, string[])[]
        {
            ("bert", ["input_ids", "attention_mask", "token_type_ids"]), ("distilbert", ["input_ids", "attention_mask"]),
            ("static", ["input_ids", "attention_mask"]), ("squeezebert", ["input_ids", "attention_mask", "token_type_ids"]),
        })
        {
            using var model = new SmallModel(name, ModelHead.None);
            model.Folder.SaveOnnx(model.File("onnx/model.onnx"));
            Assert.Equal(inputs, Runtime.Inputs(model.File("onnx/model.onnx")));
        }
    }

    private static Graph Graph(SmallModel model) => ModelGraph.Create(
        model.Folder.Configuration, ModelGraph.HeadOf(model.Folder.Configuration), RowSet.Tokens);

    private static void SameResults(SmallModel model, OnnxOptions options, string name)
    {
        var path = model.File("onnx/model.onnx");
        model.Folder.SaveOnnx(path, options);
        using var engine = ModelLoader.Load(model.Folder, languageModelRows: RowSet.Tokens);
        var head = ModelHeads.Find(engine.Head);
        foreach (var level in (GraphOptimizationLevel[])[GraphOptimizationLevel.ORT_DISABLE_ALL, GraphOptimizationLevel.ORT_ENABLE_ALL])
        {
            using var session = Runtime.Open(path, level);
            foreach (var batch in ModelBatch.Several(head.ReadsChoices))
            {
                var theirs = Runtime.Run(session, batch);
                var names = theirs.Keys.Select(Ours).Where(output => output is not null).ToList();
                Assert.NotEmpty(names);
                var ours = batch.Ours(engine, names!);
                foreach (var (output, values) in theirs)
                {
                    if (Ours(output) is not { } own) continue;
                    var isByToken = Graph(model).Output(own).Node.Rows == RowSet.Tokens;
                    ModelBatch.Near(batch.Kept(ours[own], isByToken), batch.Kept(values, isByToken),
                        $"{name}, {output}, {level}, [{string.Join(", ", batch.Shape)}]");
                }
            }
        }

        static string? Ours(string output) => output switch
        {
            OnnxExport.TokenEmbeddings => OutputNames.LastHiddenState,
            OnnxExport.SentenceEmbedding => null,
            _ => output,
        };
    }

    private static void SameWeights(SmallModel model)
    {
        using var alone = ModelFolder.Open(model.File("onnx/model.onnx"));
        Assert.Equal(model.Folder.Configuration.ToJson()["architectures"]!.ToJsonString(),
            alone.Configuration.ToJson()["architectures"]!.ToJsonString());
        foreach (var parameter in Graph(model).Parameters)
        {
            float[] expected = new float[parameter.Length], actual = new float[parameter.Length];
            model.Folder.Weights.Read(parameter, expected);
            alone.Weights.Read(parameter, actual);
            Assert.True(expected.AsSpan().SequenceEqual(actual), parameter.Name);
        }
    }
}
