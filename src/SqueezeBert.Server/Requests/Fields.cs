using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace SqueezeBert.Server.Requests;

/// <summary>
/// The fields of a request, each of which is checked for its type and range. The fields of an object are JSON, and those of a query are
/// text. An unknown name is an error, because a misspelt option without effect would be worse.
/// </summary>
internal sealed class Fields
{
    private readonly JsonElement _object;
    private readonly IQueryCollection? _query;
    private readonly string _path;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <param name="element">The object.</param>
    /// <param name="path">The path of the object in messages. Empty for the body.</param>
    /// <exception cref="RequestException">The value is not an object.</exception>
    public Fields(JsonElement element, string path = "")
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Wrong(path, path.Length == 0 ? "the body must be an object" : $"{path} must be an object");
        (_object, _path) = (element, path);
    }

    /// <param name="query">Options of a request whose body has none.</param>
    public Fields(IQueryCollection query) => (_query, _path) = (query, "");

    /// <summary>Whether the field is there, and not null.</summary>
    public bool Has(string name) => Find(name) is not null;

    public string? Text(string name)
    {
        if (Find(name) is not { } value) return null;
        return value.Json is { } json ? JsonTexts.Of(json, Path(name)) : value.Text;
    }

    public string RequiredText(string name) => Text(name) ?? throw Missing(name);

    public bool? Flag(string name)
    {
        if (Find(name) is not { } value) return null;
        if (value.Json is { ValueKind: JsonValueKind.True or JsonValueKind.False } json) return json.GetBoolean();
        if (value.Json is null && bool.TryParse(value.Text, out var flag)) return flag;
        throw Wrong(Path(name), $"{Path(name)} must be true or false");
    }

    public int? Integer(string name, int minimum, int maximum = int.MaxValue)
    {
        if (Find(name) is not { } value) return null;
        var number = 0;
        var isNumber = value.Json is { } json
            ? json.ValueKind == JsonValueKind.Number && json.TryGetInt32(out number)
            : int.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
        if (isNumber && number >= minimum && number <= maximum) return number;
        throw Wrong(Path(name), string.Create(CultureInfo.InvariantCulture,
            $"{Path(name)} must be a whole number from {minimum} {(maximum == int.MaxValue ? "up" : $"to {maximum}")}"));
    }

    public float? Real(string name)
    {
        if (Find(name) is not { } value) return null;
        var number = 0.0;
        var isNumber = value.Json is { } json
            ? json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out number)
            : double.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
        return isNumber && float.IsFinite((float)number) ? (float)number : throw Wrong(Path(name), $"{Path(name)} must be a number");
    }

    /// <summary>One of an enumeration's names, in lower case.</summary>
    public T? Name<T>(string name)
        where T : struct, Enum
    {
        if (Text(name) is not { } text) return null;
        foreach (var value in Enum.GetValues<T>())
        {
            if (string.Equals(JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()), text, StringComparison.Ordinal)) return value;
        }

        var names = Enum.GetNames<T>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName);
        throw Wrong(Path(name), $"{Path(name)} must be one of {string.Join(", ", names)}");
    }

    /// <summary>A list of texts; of a query, those of all fields of the name.</summary>
    public IReadOnlyList<string>? Texts(string name, int limit)
    {
        if (_query is not null)
        {
            _known.Add(name);
            if (!_query.TryGetValue(name, out var values)) return null;
            return values.Count <= limit ? [.. values.Select(value => value ?? "")] : throw TooMany(name, values.Count, limit);
        }

        if (Find(name)?.Json is not { } json) return null;
        if (json.ValueKind != JsonValueKind.Array) throw Wrong(Path(name), $"{Path(name)} must be an array of strings");
        if (json.GetArrayLength() > limit) throw TooMany(name, json.GetArrayLength(), limit);
        return [.. json.EnumerateArray().Select((item, i) => JsonTexts.Of(item, $"{Path(name)}[{i}]"))];
    }

    /// <summary>The value as it is; null where it is missing, or null.</summary>
    public JsonElement? Element(string name) => Find(name)?.Json;

    public JsonElement RequiredElement(string name) => Element(name) ?? throw Missing(name);

    public Fields? Object(string name) => Find(name)?.Json is { } json ? new Fields(json, Path(name)) : null;

    /// <exception cref="RequestException">The request has an unknown field.</exception>
    public void RefuseOthers()
    {
        foreach (var name in _query is null ? _object.EnumerateObject().Select(property => property.Name) : _query.Keys)
        {
            if (_known.Contains(name)) continue;
            var shown = name.Length > 40 ? name[..40] + "…" : name;
            var known = string.Join(", ", _known.Order(StringComparer.Ordinal));
            throw Wrong(Path(shown), $"there is no field '{shown}' here; there are {known}");
        }
    }

    public string Path(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    public static RequestException Wrong(string field, string message) => new(Fault.Invalid, message) { Field = field };

    private RequestException Missing(string name) => Wrong(Path(name), $"{Path(name)} is missing");

    private RequestException TooMany(string name, int count, int limit) => new(
        Fault.TooLarge, $"{Path(name)} has {count} items; {limit} are taken")
    { Field = Path(name) };

    private Value? Find(string name)
    {
        _known.Add(name);
        if (_query is not null) return _query.TryGetValue(name, out var text) && text.Count > 0 ? new Value(null, text[^1] ?? "") : null;
        return _object.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? new Value(value, "") : null;
    }

    private readonly record struct Value(JsonElement? Json, string Text);
}

/// <summary>Strings of JSON.</summary>
internal static class JsonTexts
{
    /// <exception cref="RequestException">The value is not a string, or it contains a lone surrogate.</exception>
    public static string Of(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            throw Fields.Wrong(path, $"{path} must be a string, not {value.ValueKind switch
            {
                JsonValueKind.Null => "null",
                JsonValueKind.Array => "an array",
                JsonValueKind.Object => "an object",
                JsonValueKind.Number => "a number",
                _ => "true or false",
            }}");
        }

        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Fields.Wrong(path, $"{path} has half of a surrogate pair, which is no text");
        }
    }
}
