using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.ModelFolders.Onnx.Writing;

namespace SqueezeBert.Tests.ModelFolders.Onnx;

/// <summary>Every architecture and head, written as ONNX by the project and read again.</summary>
public class OnnxRoundTripTests
{
    public static TheoryData<string> Models => [.. GoldenModels.Folders.Select(folder => Path.GetFileName(folder))];

    [Theory]
    [MemberData(nameof(Models))]
    public void AFileAloneGivesTheSameBitsAndTheConfigurationThatItsGraphShows(string name)
    {
        using var folder = new TemporaryFolder();
        using var original = ModelFolder.Open(GoldenModels.Folder(name));
        var path = Save(folder, original);
        using var read = ModelFolder.Open(path);
        var head = ModelGraph.HeadOf(original.Configuration);
        Assert.Equal(original.Configuration.ModelType, read.Configuration.ModelType);
        if (head != ModelHead.MultipleChoice && head != ModelHead.NextSentencePrediction)
            Assert.Equal(head, ModelGraph.HeadOf(read.Configuration));
        SameParameters(original, read, head);

        // What a graph does not show is as in a configuration without the field.
        var shown = read.Configuration.KnownFields();
        foreach (var (field, value) in original.Configuration.KnownFields())
        {
            if (!IsHidden(field)) Assert.True(JsonNode.DeepEquals(value, shown[field]), $"{field} is {value}, read as {shown[field]}");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void WithConfigJsonBesideItAFileIsTheSameModel(string name)
    {
        using var folder = new TemporaryFolder();
        using var original = ModelFolder.Open(GoldenModels.Folder(name));
        Save(folder, original);
        File.Copy(Path.Combine(GoldenModels.Folder(name), "config.json"), folder.File("config.json"));
        using var read = ModelFolder.Open(folder.Path);
        Assert.True(JsonNode.DeepEquals(original.Configuration.KnownFields(), read.Configuration.KnownFields()));
        SameParameters(original, read, ModelGraph.HeadOf(original.Configuration));
        Assert.True(read.CompareWeights().IsComplete);
    }

    [Fact]
    public void AFileInTheFolderOnnxTakesItsSettingsFromTheFolderAbove()
    {
        const string Name = "bert-sequence-classification";
        using var folder = new TemporaryFolder();
        using var original = ModelFolder.Open(GoldenModels.Folder(Name));
        Directory.CreateDirectory(folder.File("onnx"));
        File.Move(Save(folder, original), folder.File("onnx/model.onnx"));
        File.Copy(Path.Combine(GoldenModels.Folder(Name), "config.json"), folder.File("config.json"));
        foreach (var path in (string[])[folder.Path, folder.File("onnx/model.onnx")])
        {
            using var read = ModelFolder.Open(path);
            Assert.Equal(folder.Path, read.Path);
            Assert.Equal(original.Configuration.Labels, read.Configuration.Labels);
        }

        // A checkpoint comes before an export of it.
        File.Copy(GoldenModels.Weights(Name), folder.File("model.safetensors"));
        using var checkpoint = ModelFolder.Open(folder.Path);
        Assert.IsType<SafetensorsFile>(checkpoint.Tensors);
    }

    [Fact]
    public void FilesUnderOtherNamesAreNotChosenAndAreNamed()
    {
        using var folder = new TemporaryFolder();
        using var original = ModelFolder.Open(GoldenModels.Folder("bert-encoder"));
        File.Move(Save(folder, original), folder.File("model_quantized.onnx"));
        File.Copy(Path.Combine(GoldenModels.Folder("bert-encoder"), "config.json"), folder.File("config.json"));
        var error = Assert.Throws<InvalidModelFileException>(() => ModelFolder.Open(folder.Path));
        Assert.Contains("model_quantized.onnx", error.Message, StringComparison.Ordinal);
        using var read = ModelFolder.Open(folder.File("model_quantized.onnx"));
        Assert.Equal("bert", read.Configuration.ModelType);
    }

    [Theory]
    [InlineData("num_hidden_layers", "7")]
    [InlineData("hidden_size", "96")]
    [InlineData("hidden_act", "\"relu\"")]
    [InlineData("layer_norm_eps", "1e-5")]
    [InlineData("vocab_size", "30000")]
    [InlineData("model_type", "\"squeezebert\"")]
    [InlineData("id2label", "{\"0\":\"a\",\"1\":\"b\",\"2\":\"c\",\"3\":\"d\",\"4\":\"e\",\"5\":\"f\",\"6\":\"g\"}")]
    public void AConfigJsonThatSaysSomethingElseIsRefusedByTheNameOfTheField(string field, string value)
    {
        const string Name = "bert-sequence-classification";
        using var folder = new TemporaryFolder();
        using var original = ModelFolder.Open(GoldenModels.Folder(Name));
        Save(folder, original);
        var json = original.Configuration.ToJson();
        json[field] = JsonNode.Parse(value);
        File.WriteAllText(folder.File("config.json"), json.ToJsonString());
        var error = Assert.Throws<InvalidModelFileException>(() => ModelFolder.Open(folder.Path));
        Assert.Equal(folder.File("config.json"), error.File);
        Assert.Contains($"'{field}'", error.Message, StringComparison.Ordinal);
    }

    internal static string Save(TemporaryFolder folder, ModelFolder model)
    {
        var path = folder.File("model.onnx");
        var graph = ModelGraph.Create(model.Configuration, ModelGraph.HeadOf(model.Configuration), RowSet.Tokens);
        OnnxExport.Save(path, graph, model.Weights, OnnxExport.OutputsOf(graph));
        return path;
    }

    internal static void SameParameters(ModelFolder original, ModelFolder read, ModelHead head)
    {
        var graph = ModelGraph.Create(original.Configuration, head, RowSet.Tokens);
        Assert.Equal(graph.Parameters.Select(parameter => parameter.Name), read.Tensors.Names);
        foreach (var parameter in graph.Parameters)
        {
            float[] expected = new float[parameter.Length], actual = new float[parameter.Length];
            original.Weights.Read(parameter, expected);
            read.Weights.Read(parameter, actual);
            Assert.True(expected.AsSpan().SequenceEqual(actual), parameter.Name);
        }
    }

    private static bool IsHidden(string field) =>
        field is "architectures" or "initializer_range" or "pad_token_id" or "id2label" or "label2id" or "problem_type"
        or "sinusoidal_pos_embds" || field.Contains("dropout", StringComparison.Ordinal);
}
