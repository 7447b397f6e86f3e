using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Configuration;

/// <summary>
/// Typed access to the fields of a config.json or of an object in it. Messages put <paramref name="path"/> before the names of the fields.
/// A field that is missing or null has its default.
/// </summary>
internal sealed class ConfigurationFields(JsonObject json, string file, string path = "")
{
    /// <summary>An empty set of fields, which gives every default.</summary>
    public static ConfigurationFields None { get; } = new([], "config.json");

    public JsonObject Json => json;

    public string File => file;

    /// <summary>Returns the fields of an object in a field.</summary>
    public ConfigurationFields Below(string name, JsonObject value) => new(value, file, $"{path}{name}.");

    public int Integer(string name, int missing)
    {
        if (Value(name) is not { } value) return missing;
        return value.GetValueKind() == JsonValueKind.Number && value.AsValue().TryGetValue(out int number)
            ? number
            : throw Error(name, $"is {Show(value)}, not a whole number of 32 bits");
    }

    public double Number(string name, double missing) => NullableNumber(name) ?? missing;

    public double? NullableNumber(string name)
    {
        if (Value(name) is not { } value) return null;
        return value.GetValueKind() == JsonValueKind.Number && value.AsValue().TryGetValue(out double number) && double.IsFinite(number)
            ? number
            : throw Error(name, $"is {Show(value)}, not a finite number");
    }

    public bool Flag(string name, bool missing)
    {
        if (Value(name) is not { } value) return missing;
        return value.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Error(name, $"is {Show(value)}, not true or false"),
        };
    }

    public bool? NullableFlag(string name) => Value(name) is null ? null : Flag(name, false);

    public string? Text(string name)
    {
        if (Value(name) is not { } value) return null;
        return value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>()
            : throw Error(name, $"is {Show(value)}, not a string");
    }

    public IReadOnlyList<string> Texts(string name)
    {
        if (Value(name) is not { } value) return [];
        if (value is not JsonArray array) throw Error(name, $"is {Show(value)}, not a list of strings");
        return [.. array.Select(item => item?.GetValueKind() == JsonValueKind.String ? item.GetValue<string>()
            : throw Error(name, "has an item that is not a string"))];
    }

    public IReadOnlyList<int> Integers(string name, IReadOnlyList<int> missing)
    {
        if (Value(name) is not { } value) return missing;
        if (value is not JsonArray array) throw Error(name, $"is {Show(value)}, not a list of whole numbers");
        return
        [
            .. array.Select(item => item?.GetValueKind() == JsonValueKind.Number && item.AsValue().TryGetValue(out int number)
                ? number
                : throw Error(name, "has an item that is not a whole number")),
        ];
    }

    public Activation Activation(string name, Activation missing)
    {
        if (Text(name) is not { } text) return missing;
        return ActivationNames.Parse(text)
            ?? throw Error(name, $"activation '{text}' is not supported; supported are {ActivationNames.Supported}");
    }

    public ProblemType? Problem(string name) => Text(name) switch
    {
        null => null,
        "regression" => ProblemType.Regression,
        "single_label_classification" => ProblemType.SingleLabelClassification,
        "multi_label_classification" => ProblemType.MultiLabelClassification,
        var text =>
            throw Error(name, $"is '{text}'; it must be regression, single_label_classification, multi_label_classification or null"),
    };

    /// <summary>
    /// Reads the label names in the order of their ids: from id2label, otherwise LABEL_0 and so on, as many as num_labels gives. A number
    /// is converted to text. Invalid entries are reported as a problem instead of an exception, because only a classifier needs names, and
    /// the names are then ignored.
    /// </summary>
    public (IReadOnlyList<string> Names, InvalidModelFileException? Problem) Labels()
    {
        const string Field = "id2label";
        if (Value(Field) is not { } value) return (DefaultLabels(), null);
        if (value is not JsonObject map) throw Error(Field, $"is {Show(value)}, not an object from label id to name");
        if (map.Count is 0 or > ModelConfiguration.MaxLabels)
            throw Error(Field, $"has {map.Count} labels; there must be 1 to {ModelConfiguration.MaxLabels}");
        var labels = new string[map.Count];
        foreach (var (key, label) in map)
        {
            if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id >= labels.Length
                || labels[id] is not null)
                return Wrong($"label id '{key}': the ids of {labels.Length} labels must be 0 to {labels.Length - 1}, each once");
            if (label?.GetValueKind() is not (JsonValueKind.String or JsonValueKind.Number))
                return Wrong($"the name of label {id} is neither a string nor a number");
            labels[id] = label.ToString();
        }

        return (labels, null);

        (IReadOnlyList<string>, InvalidModelFileException?) Wrong(string reason) =>
            ([.. Enumerable.Range(0, map.Count).Select(DefaultLabel)], Error(Field, reason));
    }

    /// <summary>
    /// Returns the name of a field that requires another graph than that of an encoder with absolute positions, or null. Ignoring such a
    /// field would give wrong numbers.
    /// </summary>
    public string? FieldOfAnotherGraph() => Flag("is_decoder", false) ? "is_decoder"
        : Flag("add_cross_attention", false) ? "add_cross_attention"
        : Text("position_embedding_type") is not (null or "absolute") ? "position_embedding_type"
        : null;

    public InvalidModelFileException Error(string name, string reason) => new(file, $"field '{path}{name}'", reason);

    private string[] DefaultLabels()
    {
        var count = Integer("num_labels", 2);
        if (count is < 1 or > ModelConfiguration.MaxLabels)
            throw Error("num_labels", $"is {count}; it must be 1 to {ModelConfiguration.MaxLabels}");
        return [.. Enumerable.Range(0, count).Select(DefaultLabel)];
    }

    private static string DefaultLabel(int id) => $"LABEL_{id}";

    private JsonNode? Value(string name) => json.TryGetPropertyValue(name, out var value) ? value : null;

    private static string Show(JsonNode value)
    {
        var text = value.ToJsonString();
        return text.Length <= 40 ? text : string.Concat(text.AsSpan(0, 40), "…");
    }
}
