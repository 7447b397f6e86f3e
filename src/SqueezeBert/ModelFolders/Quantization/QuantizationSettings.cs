using System.Text.Json;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.ModelFolders.Quantization;

/// <summary>A group of layers with the same quantization.</summary>
/// <param name="Bits">The number of bits of a weight: 8 or 4.</param>
/// <param name="IsPacked">Whether several weights are packed into a word of 32 bits ("pack-quantized").</param>
/// <param name="HasActivations">Whether activations are rounded to int8 too when the model runs.</param>
internal sealed record QuantizationGroup(int Bits, bool IsPacked, bool HasActivations);

/// <summary>
/// The field "quantization_config" of a config.json, in the format of compressed-tensors
/// (https://github.com/vllm-project/compressed-tensors). Settings that would give other numbers than those that are read are refused, and
/// the message names the field.
/// </summary>
internal sealed class QuantizationSettings
{
    public const string Field = "quantization_config", Method = "compressed-tensors";
    public const string Plain = "int-quantized", Packed = "pack-quantized", Mixed = "mixed-precision";
    private const string NaiveName = "naive-quantized";
    private const int MaxGroups = 64;
    private const string Remedy = "save the model in float32, float16 or bfloat16";
    private readonly string _file;

    private QuantizationSettings(string file) => _file = file;

    /// <summary>The groups; at least one.</summary>
    public List<QuantizationGroup> Groups { get; } = [];

    /// <summary>Whether the weights are stored as integers. The files of an unfinished quantization contain numbers.</summary>
    public bool IsCompressed { get; private set; }

    /// <param name="node">The value of the field.</param>
    /// <param name="file">The path of config.json in messages.</param>
    /// <exception cref="InvalidModelFileException">The field is damaged, or it has a setting that is not supported.</exception>
    public static QuantizationSettings Parse(JsonNode node, string file)
    {
        var settings = new QuantizationSettings(file);
        var json = settings.Object(node, Field);
        settings.Expect(json, Field, "quant_method", text => text == Method,
            $"weights quantized as {Method} writes them are read; {Remedy}");
        foreach (var other in (string[])["sparsity_config", "transform_config", "kv_cache_scheme"])
        {
            if (json[other] is JsonObject { Count: > 0 }) throw settings.Error($"{Field}.{other}", $"is not supported; {Remedy}");
        }

        var status = settings.Text(json, Field, "quantization_status");
        if (status is not (null or "compressed" or "frozen" or "initialized" or "calibration" or "decompressed"))
            throw settings.Error($"{Field}.quantization_status", $"is '{status}', which is not known");
        settings.IsCompressed = status is null or "compressed";
        var format = settings.Text(json, Field, "format");
        const string GroupsName = $"{Field}.config_groups";
        var groups = settings.Object(json["config_groups"], GroupsName);
        if (groups.Count is 0 or > MaxGroups)
            throw settings.Error(GroupsName, $"has {groups.Count} groups; there must be 1 to {MaxGroups}");
        foreach (var (name, group) in groups)
        {
            var path = $"{GroupsName}.{name}";
            settings.Groups.Add(settings.Group(settings.Object(group, path), path, format));
        }

        return settings;
    }

    private QuantizationGroup Group(JsonObject group, string path, string? format)
    {
        if (group["targets"] is not JsonArray { Count: > 0 } targets
            || targets.Any(target => target?.GetValueKind() != JsonValueKind.String))
            throw Error($"{path}.targets", "is not a list of names");
        if (group["output_activations"] is not null) throw Error($"{path}.output_activations", $"is not supported; {Remedy}");
        var weights = Object(group["weights"], $"{path}.weights");
        var bits = Arguments(weights, $"{path}.weights", "channel", isDynamic: false, [8, 4]);
        var activations = group["input_activations"];
        if (activations is not null)
            Arguments(Object(activations, $"{path}.input_activations"), $"{path}.input_activations", "token", isDynamic: true, [8]);
        var own = Text(group, path, "format");
        var isPacked = (own ?? format) switch
        {
            Plain or NaiveName => false,
            Packed => true,
            null => throw Error($"{path}.format", $"is missing; it must be {Plain} or {Packed}"),
            var other => throw Error(own is null ? $"{Field}.format" : $"{path}.format",
                $"is '{other}'; {Plain} and {Packed} are read, and {Mixed} where each group has a format of its own; {Remedy}"),
        };
        if (!isPacked && bits != 8) throw Error($"{path}.weights.num_bits", $"is {bits}; {Plain} weights are read in 8 bits");
        return new QuantizationGroup(bits, isPacked, activations is not null);
    }

    /// <summary>Checks how weights or activations are rounded, and returns the number of bits.</summary>
    private int Arguments(JsonObject json, string path, string strategy, bool isDynamic, int[] supported)
    {
        var bits = json["num_bits"] is null ? 8
            : json["num_bits"] is JsonValue value && value.TryGetValue(out int number) ? number
            : throw Error($"{path}.num_bits", "is not a whole number");
        if (!supported.Contains(bits)) throw Error($"{path}.num_bits", $"is {bits}; {string.Join(" and ", supported)} are read; {Remedy}");
        Expect(json, path, "type", text => text is null or "int", $"integers are read; {Remedy}");
        if (!Flag(json, path, "symmetric", true))
            throw Error($"{path}.symmetric", $"is false; numbers without a zero point are read; {Remedy}");
        if (Flag(json, path, "dynamic", false) != isDynamic)
        {
            throw Error($"{path}.dynamic", isDynamic ? $"is false; scales that are found when the model runs are supported; {Remedy}"
                : "is true; weights have scales of their own");
        }

        if (json["group_size"] is { } size && !(size is JsonValue count && count.TryGetValue(out int width) && width == -1))
            throw Error($"{path}.group_size", $"is {Show(size)}; one scale a {(isDynamic ? "token" : "row")} is read; {Remedy}");
        if (json["block_structure"] is { } block)
            throw Error($"{path}.block_structure", $"is {Show(block)}; blocks are not read; {Remedy}");
        var isChannel = json["group_size"] is not null && !isDynamic;
        Expect(json, path, "strategy", text => text == strategy || (text is null && isChannel),
            $"the strategy {strategy} is read, one scale a {(isDynamic ? "token" : "row")}; {Remedy}");
        if (json["actorder"] is JsonValue order && order.ToString() is not ("weight" or "static" or "false" or "False"))
            throw Error($"{path}.actorder", $"is {Show(order)}; weights in another order are not read; {Remedy}");
        return bits;
    }

    private void Expect(JsonObject json, string path, string name, Predicate<string?> isGood, string reason)
    {
        var text = Text(json, path, name);
        if (!isGood(text)) throw Error($"{path}.{name}", $"{(text is null ? "is missing" : $"is '{text}'")}; {reason}");
    }

    private string? Text(JsonObject json, string path, string name) => json[name] switch
    {
        null => null,
        var value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        var value => throw Error($"{path}.{name}", $"is {Show(value)}, not a string"),
    };

    private bool Flag(JsonObject json, string path, string name, bool missing) => json[name] switch
    {
        null => missing,
        var value when value.GetValueKind() == JsonValueKind.True => true,
        var value when value.GetValueKind() == JsonValueKind.False => false,
        var value => throw Error($"{path}.{name}", $"is {Show(value)}, not true or false"),
    };

    private JsonObject Object(JsonNode? node, string path) =>
        node as JsonObject ?? throw Error(path, node is null ? "is missing" : $"is {Show(node)}, not an object");

    private InvalidModelFileException Error(string field, string reason) =>
        new(_file, $"field '{field}'", reason, kind: ErrorKind.Unsupported);

    private static string Show(JsonNode value)
    {
        const int MaxShown = 40;
        var text = value.ToJsonString();
        return text.Length <= MaxShown ? text : string.Concat(text.AsSpan(0, MaxShown), "…");
    }
}
