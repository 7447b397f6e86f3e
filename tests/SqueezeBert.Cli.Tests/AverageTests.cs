using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Cli.Tests;

/// <summary>`squeezebert convert --average`: the mean of the weights of several models.</summary>
public sealed class AverageTests : IDisposable
{
    private readonly TestTool _tool = new();

    private string To => Path.Combine(_tool.Folder, "mean");

    public void Dispose() => _tool.Dispose();

    [Fact]
    public void EveryWeightIsTheMeanOfThree()
    {
        var (second, third) = (Changed("second", value => (-2 * value) + 1), Changed("third", value => value - 0.25f));
        Assert.Contains($"averaged with: {second}, {third}",
            ToolRun.Of("convert", _tool.Model, To, "--average", second, "--average", third).Succeeds(), StringComparison.Ordinal);
        var (first, mean) = (Weights(_tool.Model), Weights(To));
        Assert.NotEmpty(mean);
        foreach (var (name, values) in mean)
        {
            Assert.Equal(
                first[name].Select(value => (float)((value + (double)((-2 * value) + 1) + (value - 0.25f)) / 3)), values);
        }

        Assert.Equal(File.ReadAllText(Path.Combine(_tool.Model, "vocab.txt")), File.ReadAllText(Path.Combine(To, "vocab.txt")));
    }

    [Fact]
    public void TheMeanOfAModelWithItselfIsTheModel()
    {
        ToolRun.Of("convert", _tool.Model, To, "--average", _tool.Model).Succeeds();
        Assert.Equal(Weights(_tool.Model).SelectMany(tensor => tensor.Value), Weights(To).SelectMany(tensor => tensor.Value));
    }

    [Fact]
    public void TheMeanIsQuantizedLikeAnyModel()
    {
        var second = Changed("second", value => value - 0.01f);
        var plain = Path.Combine(_tool.Folder, "plain");
        ToolRun.Of("convert", _tool.Model, plain, "--average", second).Succeeds();
        ToolRun.Of("convert", plain, To, "--precision", "int8").Succeeds();
        var once = Path.Combine(_tool.Folder, "once");
        ToolRun.Of("convert", _tool.Model, once, "--average", second, "--precision", "int8").Succeeds();
        Assert.Equal(File.ReadAllBytes(Path.Combine(To, "model.safetensors")), File.ReadAllBytes(Path.Combine(once, "model.safetensors")));
    }

    [Fact]
    public void OnlyModelsOfOneShapeAreAveraged()
    {
        Fails(Configured("heads", json => json["num_attention_heads"] = 1), "field 'num_attention_heads'");
        Fails(Configured("epsilon", json => json["layer_norm_eps"] = 1e-6), "field 'layer_norm_eps'");
        Fails(Configured("labels", json => json["id2label"]!["0"] = "another"), "field 'id2label'");
        var lines = File.ReadAllLines(Path.Combine(_tool.Model, "vocab.txt"));
        var pieces = Changed("pieces", value => value);
        lines[^1] += "x";
        File.Delete(Path.Combine(pieces, "tokenizer.json"));
        File.WriteAllLines(Path.Combine(pieces, "vocab.txt"), lines);
        Fails(pieces, "another vocabulary");
        var quantized = Path.Combine(_tool.Folder, "quantized");
        ToolRun.Of("convert", _tool.Model, quantized, "--precision", "int8").Succeeds();
        Fails(quantized, "is quantized");
        ToolRun.Of("convert", quantized, To, "--average", _tool.Model).AssertFails(1, quantized, "is quantized");
        Fails(Path.Combine(_tool.Folder, "nowhere"), "nowhere");
        ToolRun.Of("convert", _tool.Model, To + ".onnx", "--average", _tool.Model).AssertFails(1, "--average");
        Assert.False(Path.Exists(To) || Path.Exists(To + ".onnx"));

        // What only training reads may differ.
        ToolRun.Of("convert", _tool.Model, To, "--average", Configured("dropout", json => json["hidden_dropout_prob"] = 0.5)).Succeeds();
    }

    private void Fails(string other, string message) =>
        ToolRun.Of("convert", _tool.Model, To, "--average", other).AssertFails(1, message);

    private static SortedDictionary<string, float[]> Weights(string model)
    {
        using var folder = ModelFolder.Open(model);
        var weights = new SortedDictionary<string, float[]>(StringComparer.Ordinal);
        foreach (var name in folder.Tensors.Names)
        {
            Assert.True(folder.Tensors.TryGetTensor(name, out var info));
            if (name.EndsWith("position_ids", StringComparison.Ordinal)) continue;
            var values = new float[info.ElementCount];
            folder.Tensors.ReadFloats(name, values);
            weights.Add(name, values);
        }

        return weights;
    }

    /// <summary>The model with every number changed.</summary>
    private string Changed(string name, Func<float, float> change)
    {
        var path = Path.Combine(_tool.Folder, name);
        ToolRun.Of("convert", _tool.Model, path).Succeeds();
        var vocabulary = Path.Combine(path, "vocab.txt");
        if (!File.Exists(vocabulary)) File.Copy(Path.Combine(_tool.Model, "vocab.txt"), vocabulary);
        using var folder = ModelFolder.Open(_tool.Model);
        ModelFolder.Save(path, folder.Configuration, Weights(_tool.Model).Select(tensor =>
        {
            Assert.True(folder.Tensors.TryGetTensor(tensor.Key, out var info));
            return new NamedTensor(tensor.Key, info.Shape, tensor.Value.Select(change).ToArray());
        }));
        return path;
    }

    /// <summary>The model with another field in its configuration.</summary>
    private string Configured(string name, Action<JsonNode> change)
    {
        var path = Changed(name, value => value);
        var file = Path.Combine(path, "config.json");
        var json = JsonNode.Parse(File.ReadAllText(file))!;
        change(json);
        File.WriteAllText(file, json.ToJsonString());
        return path;
    }
}
