using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Inference;

namespace SqueezeBert.Tests.ModelFolders.Quantization;

/// <summary>Quantized files that are damaged, that lie, or that are quantized in another way: each is refused by name.</summary>
public sealed class QuantizedHostileTests : IDisposable
{
    private const string Model = "bert-encoder";
    private const string Layer = "encoder.layer.0.attention.self.query.weight";
    private const string Words = "embeddings.word_embeddings.weight";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("config_groups.group_0.weights.strategy", "\"group\"", "config_groups.group_0.weights.strategy': is 'group'")]
    [InlineData("config_groups.group_0.weights.strategy", "\"tensor\"", "weights.strategy': is 'tensor'")]
    [InlineData("config_groups.group_0.weights.strategy", "\"block\"", "weights.strategy': is 'block'")]
    [InlineData("config_groups.group_0.weights.strategy", "null", "weights.strategy': is missing")]
    [InlineData("config_groups.group_0.weights.strategy", "3", "weights.strategy': is 3, not a string")]
    [InlineData("config_groups.group_0.weights.symmetric", "false", "weights.symmetric': is false")]
    [InlineData("config_groups.group_0.weights.symmetric", "1", "weights.symmetric': is 1, not true or false")]
    [InlineData("config_groups.group_0.weights.group_size", "128", "weights.group_size': is 128")]
    [InlineData("config_groups.group_0.weights.block_structure", "[128,128]", "weights.block_structure': is [128,128]")]
    [InlineData("config_groups.group_0.weights.num_bits", "5", "weights.num_bits': is 5")]
    [InlineData("config_groups.group_0.weights.num_bits", "\"8\"", "weights.num_bits': is not a whole number")]
    [InlineData("config_groups.group_0.weights.num_bits", "4", "weights.num_bits': is 4; int-quantized")]
    [InlineData("config_groups.group_0.weights.type", "\"float\"", "weights.type': is 'float'")]
    [InlineData("config_groups.group_0.weights.dynamic", "true", "weights.dynamic': is true")]
    [InlineData("config_groups.group_0.weights.actorder", "\"group\"", "weights.actorder': is \"group\"")]
    [InlineData("config_groups.group_0.weights", "null", "group_0.weights': is missing")]
    [InlineData("config_groups.group_0.weights", "[]", "group_0.weights': is [], not an object")]
    [InlineData("config_groups.group_0.input_activations.dynamic", "false", "input_activations.dynamic': is false")]
    [InlineData("config_groups.group_0.input_activations.num_bits", "4", "input_activations.num_bits': is 4")]
    [InlineData("config_groups.group_0.input_activations.strategy", "\"tensor\"", "input_activations.strategy': is 'tensor'")]
    [InlineData("config_groups.group_0.output_activations", "{}", "group_0.output_activations': is not supported")]
    [InlineData("config_groups.group_0.targets", "[1]", "group_0.targets': is not a list of names")]
    [InlineData("config_groups.group_0.format", "\"float-quantized\"", "group_0.format': is 'float-quantized'")]
    [InlineData("config_groups.group_0", "[]", "group_0': is [], not an object")]
    [InlineData("config_groups", "{}", "config_groups': has 0 groups")]
    [InlineData("config_groups", "null", "config_groups': is missing")]
    [InlineData("quant_method", "\"gptq\"", "quantization_config.quant_method': is 'gptq'")]
    [InlineData("quant_method", "null", "quantization_config.quant_method': is missing")]
    [InlineData("quantization_status", "\"x\"", "quantization_status': is 'x'")]
    [InlineData("sparsity_config", "{\"format\":\"sparse-24\"}", "quantization_config.sparsity_config': is not supported")]
    [InlineData("kv_cache_scheme", "{\"num_bits\":8}", "quantization_config.kv_cache_scheme': is not supported")]
    public void AnotherWayOfQuantizingIsRefusedByItsField(string field, string value, string message)
    {
        var folder = QuantizedFiles.Save(Model, _folder.File("model"), TablePrecision.Int4);
        QuantizedFiles.Change(folder, json =>
        {
            var path = field.Split('.');
            JsonNode at = json;
            foreach (var name in path[..^1]) at = at[name]!;
            at[path[^1]] = JsonNode.Parse(value);
        });
        Assert.Contains(message, Refused(folder));
    }

    public static TheoryData<string, string> Damages => new()
    {
        { "no scales", $"{Layer}: has no '{Layer}_scale' beside it" },
        { "no packed scales", $"{Words}_packed: has no '{Words}_scale' beside it" },
        { "no shape", $"{Words}_packed: has no '{Words}_shape' beside it" },
        { "scales of groups", $"{Layer}_scale: has shape [" },
        { "scales of the whole", $"{Layer}_scale: has shape [1]" },
        { "scales are integers", $"{Layer}_scale: holds Int32" },
        { "negative", $"{Layer}_scale: element 1 is -1" },
        { "NaN", $"{Layer}_scale: element 1 is NaN" },
        { "zero", $"{Layer}_scale: element 1 is 0" },
        { "infinite", $"{Layer}_scale: element 1 is Infinity" },
        { "overflow", $"{Layer}_scale: element 1 is 3" },
        { "zero of the table", $"{Words}_scale: element 1 is 0" },
        { "fewer words", $"{Words}_packed: has" },
        { "words are bytes", $"{Words}_packed: is" },
        { "another shape", $"{Words}_shape: is [" },
        { "shape of another layer", $"{Words}: has shape [" },
        { "huge shape", $"{Words}_shape: is [" },
        { "shape is a number", $"{Words}_shape: is" },
        { "zero point", $"{Layer}_zero_point: is not supported" },
        { "group index", $"{Layer}_g_idx: is not supported" },
        { "twice", $"{Words}: is there twice" },
        { "another width", $"{Layer}: has shape [" },
        { "packed and no such group", $"{Words}_packed: has" },
        { "bytes and no such group", "holds int8 numbers, and no group" },
        { "no field", $"holds quantized weights, and config.json has no 'quantization_config'" },
        { "no field and no scales", "holds Int8 and has no scales" },
        { "numbers", "says that the weights are quantized, and none is" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void DamagedTensorsAreRefusedByName(string damage, string message)
    {
        var folder = QuantizedFiles.Save(Model, _folder.File("model"), TablePrecision.Int4);
        var tensors = QuantizedFiles.Read(folder);
        var (_, shape, bytes) = tensors[Layer];
        var rows = shape[0];
        switch (damage)
        {
            case "no scales": tensors.Remove(Layer + "_scale"); break;
            case "no packed scales": tensors.Remove(Words + "_scale"); break;
            case "no shape": tensors.Remove(Words + "_shape"); break;
            case "scales of groups": tensors[Layer + "_scale"] = (TensorType.Float32, [rows, 2], new byte[rows * 8]); break;
            case "scales of the whole": tensors[Layer + "_scale"] = (TensorType.Float32, [1], new byte[4]); break;
            case "scales are integers": tensors[Layer + "_scale"] = (TensorType.Int32, [rows, 1], new byte[4 * rows]); break;
            case "negative": SetScale(Layer, -1); break;
            case "NaN": SetScale(Layer, float.NaN); break;
            case "zero": SetScale(Layer, 0); break;
            case "infinite": SetScale(Layer, float.PositiveInfinity); break;
            case "overflow": SetScale(Layer, 3e38f); break;
            case "zero of the table": SetScale(Words, 0); break;
            case "fewer words":
                var packed = tensors[Words + "_packed"];
                var words = packed.Shape[1] - 1;
                tensors[Words + "_packed"] = (packed.Type, [packed.Shape[0], words], packed.Bytes[..(int)(packed.Shape[0] * words * 4)]);
                break;
            case "words are bytes":
                packed = tensors[Words + "_packed"];
                tensors[Words + "_packed"] = (TensorType.UInt8, [packed.Shape[0], packed.Shape[1] * 4], packed.Bytes);
                break;
            case "another shape": SetShape([Shape(Words)[0] + 1, Shape(Words)[1]]); break;
            case "shape of another layer": SetShape([Shape(Words)[0], Shape(Words)[1] - 1]); break;
            case "huge shape": SetShape([Shape(Words)[0], long.MaxValue]); break;
            case "shape is a number": tensors[Words + "_shape"] = (TensorType.Int64, [], new byte[8]); break;
            case "zero point": tensors[Layer + "_zero_point"] = (TensorType.Int8, [rows, 1], new byte[rows]); break;
            case "group index": tensors[Layer + "_g_idx"] = (TensorType.Int32, [rows], new byte[4 * rows]); break;
            case "twice": tensors[Words] = (TensorType.Float32, [1, 1], new byte[4]); break;
            case "another width": tensors[Layer] = (TensorType.Int8, [rows, shape[1] / 2, 2], bytes); break;
            case "packed and no such group":
                QuantizedFiles.Change(folder, json => json["config_groups"]!["group_1"]!["weights"]!["num_bits"] = 8);
                break;
            case "bytes and no such group":
                QuantizedFiles.Change(folder, json =>
                {
                    foreach (var (_, group) in json["config_groups"]!.AsObject()) group!["format"] = "pack-quantized";
                });
                break;
            case "no field and no scales":
                foreach (var name in tensors.Keys.Where(name => name.EndsWith("_scale", StringComparison.Ordinal)).ToList())
                    tensors.Remove(name);
                tensors[Words] = (TensorType.Float32, Shape(Words), new byte[4 * Shape(Words)[0] * Shape(Words)[1]]);
                break;
            case "numbers":
                foreach (var name in tensors.Keys.Where(name => tensors[name].Type != TensorType.Float32).ToList()) tensors.Remove(name);
                break;
        }

        QuantizedFiles.Write(folder, tensors);
        if (damage.StartsWith("no field", StringComparison.Ordinal))
        {
            var file = Path.Combine(folder, "config.json");
            var json = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
            json.Remove("quantization_config");
            File.WriteAllText(file, json.ToJsonString());
        }

        Assert.Contains(message, Refused(folder));

        void SetScale(string name, float value) => BitConverter.TryWriteBytes(tensors[name + "_scale"].Bytes.AsSpan(4), value);

        long[] Shape(string name) => MemoryMarshal.Cast<byte, long>(tensors[name + "_shape"].Bytes).ToArray();

        void SetShape(long[] sizes) => tensors[Words + "_shape"] =
            (TensorType.Int64, [sizes.Length], MemoryMarshal.AsBytes<long>(sizes).ToArray());
    }

    /// <summary>Bytes changed at random: the documented exception or a model, nothing else.</summary>
    [Fact]
    public void ChangedBytesGiveTheDocumentedExceptionOrAModel()
    {
        var folder = QuantizedFiles.Save(Model, _folder.File("model"), TablePrecision.Int4);
        var (weights, configuration) = (Path.Combine(folder, "model.safetensors"), Path.Combine(folder, "config.json"));
        var (goodWeights, goodConfiguration) = (File.ReadAllBytes(weights), File.ReadAllBytes(configuration));
        var random = new Random(1);
        int refused = 0, loaded = 0;
        for (var repeat = 0; repeat < 300; repeat++)
        {
            var (one, other) = ((byte[])goodWeights.Clone(), (byte[])goodConfiguration.Clone());
            for (var i = random.Next(1, 6); i > 0; i--)
            {
                if (random.Next(2) == 0) other[random.Next(other.Length)] = (byte)random.Next(32, 127);
                else one[random.Next(2) == 0 ? random.Next(one.Length) : random.Next(12_000)] = (byte)random.Next(256);
            }

            File.WriteAllBytes(weights, one);
            File.WriteAllBytes(configuration, other);
            try
            {
                using var open = ModelFolder.Open(folder);
                using var model = ModelLoader.Load(open, options: new EngineOptions { Threads = 1 });
                loaded++;
            }
            catch (SqueezeBertException e) when (e is InvalidModelFileException or UnsupportedModelException)
            {
                refused++;
            }
        }

        Assert.True(refused > 20 && loaded > 20, $"{refused} refused, {loaded} loaded");
    }

    private static string Refused(string folder) => Assert.Throws<InvalidModelFileException>(() =>
    {
        using var open = ModelFolder.Open(folder);
        var graph = ModelGraph.Create(open.Configuration, ModelHead.None);
        open.Weights.Require(graph.Parameters);
        using var model = ModelLoader.Load(open, options: new EngineOptions { Threads = 1 });
    }).Message;
}
