using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.ModelFolders.SentenceTransformers;

/// <summary>Typed access to a small JSON file of a sentence-transformers folder.</summary>
internal sealed class SentenceFields(string file, JsonObject json)
{
    public bool? Flag(string name) => json[name] switch
    {
        null => null,
        var value when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False => value.GetValue<bool>(),
        _ => throw Error(name, "is neither true nor false"),
    };

    public string? Text(string name) => json[name] switch
    {
        null => null,
        var value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        _ => throw Error(name, "is not a string"),
    };

    /// <summary>Returns whether a field exists. It may be null.</summary>
    public bool Has(string name) => json.ContainsKey(name);

    /// <summary>Returns a text or a list of texts.</summary>
    public IReadOnlyList<string>? Items(string name) => json[name] is JsonArray list
        ? [.. list.Select(item => item?.GetValueKind() == JsonValueKind.String ? item.GetValue<string>()
            : throw Error(name, "has an item that is not a string"))]
        : Text(name) is { } text ? [text] : null;

    public int? Length(string name) => json[name] switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.Number && value.TryGetValue(out int number) && number >= 1 => number,
        _ => throw Error(name, string.Create(CultureInfo.InvariantCulture, $"is not a whole number of 1 to {int.MaxValue}")),
    };

    public IReadOnlyDictionary<string, string> Texts(string name)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (json[name] is not { } value) return texts;
        if (value is not JsonObject items) throw Error(name, "is not an object of texts");
        foreach (var (key, item) in items) texts.Add(
            key, item?.GetValueKind() == JsonValueKind.String ? item.GetValue<string>() : throw Error(name, $"'{key}' is not a string"));
        return texts;
    }

    public InvalidModelFileException Error(string name, string reason) => new(file, $"field '{name}'", reason);
}
