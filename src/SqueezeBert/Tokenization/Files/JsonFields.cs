using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.Tokenization.Files;

/// <summary>Typed access to the fields of a JSON file, with errors that name file and field.</summary>
internal static class JsonFields
{
    /// <summary>A tokenizer of a million tokens has about 60 MB.</summary>
    internal const int MaxBytes = 128 << 20;

    /// <summary>Reads a file whole.</summary>
    internal static byte[] Bytes(string file) => StrictJson.ReadFile(file, MaxBytes);

    /// <summary>Parses a file's bytes and reads its root.</summary>
    internal static T Parse<T>(byte[] bytes, string file, Func<JsonElement, T> read)
    {
        if (!Utf8.IsValid(bytes))
            throw new InvalidModelFileException(file, null, "This is not a JSON file: it is not UTF-8 text.");
        try
        {
            using var document = JsonDocument.Parse(bytes.AsMemory(bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0));
            return read(document.RootElement);
        }
        catch (JsonException exception)
        {
            throw new InvalidModelFileException(file, null, "This is not a JSON file: " + exception.Message, exception);
        }
        catch (InvalidOperationException exception)
        {
            // What the parser says of an escape that is half a surrogate pair, in a name or a value.
            throw new InvalidModelFileException(file, null, "A string has an escape that is no character.", exception);
        }
    }

    internal static JsonElement? Object(JsonElement parent, string name, string file) =>
        Get(parent, name, file, JsonValueKind.Object, "an object");

    internal static string? String(JsonElement parent, string name, string file) =>
        Get(parent, name, file, JsonValueKind.String, "a string") is { } value ? Text(value, name, file) : null;

    internal static string Text(JsonElement value, string name, string file) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()!
            : throw new InvalidModelFileException(file, name, "It must be a string.");

    internal static bool? Boolean(JsonElement parent, string name, string file)
    {
        if (!parent.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw new InvalidModelFileException(file, name, "It must be true, false or null.");
    }

    /// <summary>A field that must be there; <paramref name="name"/> is its path in the file.</summary>
    internal static JsonElement Required(JsonElement parent, string name, string file)
    {
        if (!parent.TryGetProperty(name[(name.LastIndexOf('.') + 1)..], out var value))
            throw new InvalidModelFileException(file, name, "It is missing.");
        return value.ValueKind != JsonValueKind.Null ? value
            : throw new InvalidModelFileException(file, name, "It is null, which the reference does not read either.");
    }

    /// <summary>As <see cref="Required"/>, a string.</summary>
    internal static string RequiredString(JsonElement parent, string name, string file) => Text(Required(parent, name, file), name, file);

    /// <summary>As <see cref="Required"/>, true or false.</summary>
    internal static bool RequiredBoolean(JsonElement parent, string name, string file) =>
        Required(parent, name, file).ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw new InvalidModelFileException(file, name, "It must be true or false."),
        };

    /// <summary>As <see cref="Required"/>, an index or a length.</summary>
    internal static int RequiredInteger(JsonElement parent, string name, string file) => Integer(Required(parent, name, file), name, file);

    /// <summary>A flag that may be missing, but not null.</summary>
    internal static bool? Flag(JsonElement parent, string name, string file) =>
        parent.TryGetProperty(name, out _) ? RequiredBoolean(parent, name, file) : null;

    internal static int Integer(JsonElement value, string name, string file) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= 0
            ? number
            : throw new InvalidModelFileException(file, name, "It must be a whole number from 0 to 2147483647.");

    /// <summary>A length; what is larger than any integer (transformers writes 1e30 for "no limit") is null.</summary>
    internal static int? Length(JsonElement parent, string name, string file)
    {
        if (Get(parent, name, file, JsonValueKind.Number, "a number") is not { } value)
            return null;
        var number = value.TryGetDouble(out var parsed) ? parsed : double.PositiveInfinity;
        if (number < 1)
            throw new InvalidModelFileException(file, name,
                string.Create(CultureInfo.InvariantCulture, $"It must be at least 1, not {number}."));
        return number <= int.MaxValue ? (int)number : null;
    }

    /// <summary>An error that names the kind of a section and the one that is supported.</summary>
    internal static InvalidModelFileException Unsupported(string file, string field, JsonElement element, string expected)
    {
        var type = element.ValueKind == JsonValueKind.Object && element.TryGetProperty("type", out var name) ? name.ToString()
            : "unnamed one";
        return new InvalidModelFileException(file, field, $"It is a {type}; only a {expected} is supported.");
    }

    private static JsonElement? Get(JsonElement parent, string name, string file, JsonValueKind kind, string what)
    {
        if (!parent.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == kind ? value : throw new InvalidModelFileException(file, name, $"It must be {what}.");
    }
}
