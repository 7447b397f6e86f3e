using System.Globalization;
using System.Text.Json;
using SqueezeBert.Files;

namespace SqueezeBert.Training.Recipes;

/// <summary>
/// An object of a recipe whose fields are requested by name. A field that was not requested is an error, which names the nearest known
/// field.
/// </summary>
internal sealed class StrictObject
{
    private readonly string _file;
    private readonly string _path;
    private readonly JsonElement _element;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public StrictObject(string file, string path, JsonElement element)
    {
        _file = file;
        _path = path;
        _element = element;
        if (element.ValueKind != JsonValueKind.Object)
            throw new RecipeException(file, path.Length == 0 ? null : path, "must be an object { … }");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in element.EnumerateObject())
        {
            if (!seen.Add(field.Name)) throw Error(field.Name, "is there twice");
        }
    }

    public RecipeException Error(string field, string reason) => new(_file, _path.Length == 0 ? field : $"{_path}.{field}", reason);

    /// <summary>Throws if the object has a field that was not requested.</summary>
    public void End()
    {
        foreach (var field in _element.EnumerateObject())
        {
            if (_known.Contains(field.Name)) continue;
            var nearest = NearestNames.First(field.Name, _known.Order(StringComparer.Ordinal));
            throw Error(field.Name, $"unknown field; the nearest known one is '{nearest}'");
        }
    }

    public JsonElement? Raw(string field)
    {
        _known.Add(field);
        return _element.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    public string? Text(string field) => Raw(field) is not { } value ? null
        : value.ValueKind == JsonValueKind.String && value.GetString()!.Length > 0 ? value.GetString()
        : throw Error(field, "must be a text that is not empty");

    public bool Flag(string field, bool missing) => Raw(field)?.ValueKind switch
    {
        null => missing,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Error(field, "must be true or false"),
    };

    public double? Number(string field, double minimum, double maximum, bool excludeMinimum = false)
    {
        if (Raw(field) is not { } value) return null;
        var range = string.Create(CultureInfo.InvariantCulture,
            $"must be a number {(excludeMinimum ? "above" : "from")} {minimum} to {maximum}");
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var number)) throw Error(field, range);
        return number >= minimum && number <= maximum && !(excludeMinimum && number == minimum) ? number : throw Error(field, range);
    }

    public long? Integer(string field, long minimum, long maximum)
    {
        if (Raw(field) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var number) || number < minimum || number > maximum)
            throw Error(field, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {minimum} to {maximum}"));
        return number;
    }

    public T Choice<T>(string field, T missing, params (string Name, T Value)[] choices)
    {
        if (Raw(field) is not { } value) return missing;
        var text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        foreach (var (name, result) in choices)
        {
            if (name == text) return result;
        }

        throw Error(field, $"must be one of {string.Join(", ", choices.Select(choice => $"\"{choice.Name}\""))}");
    }

    public IReadOnlyList<StrictObject> Objects(string field)
    {
        if (Raw(field) is not { } value) return [];
        if (value.ValueKind != JsonValueKind.Array) throw Error(field, "must be a list [ … ]");
        return [.. value.EnumerateArray().Select((item, i) => new StrictObject(_file, Path($"{field}[{i}]"), item))];
    }

    public StrictObject? Object(string field) => Raw(field) is { } value ? new StrictObject(_file, Path(field), value) : null;

    public IReadOnlyList<double>? Numbers(string field)
    {
        if (Raw(field) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.Number))
            throw Error(field, "must be a list of numbers");
        return [.. value.EnumerateArray().Select(item => item.GetDouble())];
    }

    /// <summary>A list of texts, none of which is empty; at least one.</summary>
    public IReadOnlyList<string>? Texts(string field)
    {
        if (Raw(field) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0
            || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String || item.GetString()!.Length == 0))
            throw Error(field, "must be a list of texts, at least one");
        return [.. value.EnumerateArray().Select(item => item.GetString()!)];
    }

    private string Path(string field) => _path.Length == 0 ? field : $"{_path}.{field}";
}
