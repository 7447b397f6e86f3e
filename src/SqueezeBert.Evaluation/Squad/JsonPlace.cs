using System.Globalization;
using System.Text.Json;
using SqueezeBert.Evaluation.Data;

namespace SqueezeBert.Evaluation.Squad;

/// <summary>A value of a JSON file that knows where it is, for the errors.</summary>
internal readonly record struct JsonPlace(string File, string Path, JsonElement Value)
{
    /// <summary>The elements of a field that is an array.</summary>
    public IEnumerable<JsonPlace> Items(string name)
    {
        var array = Field(name, JsonValueKind.Array, "an array");
        return array.Value.EnumerateArray().Select((item, index) => new JsonPlace(
            array.File, string.Create(CultureInfo.InvariantCulture, $"{array.Path}[{index}]"), item));
    }

    /// <summary>A field that is a text.</summary>
    public string Text(string name) => JsonText.Of(Field(name, JsonValueKind.String, "a text").Value);

    /// <summary>A field that is a whole number from 0 up.</summary>
    public int Number(string name)
    {
        var field = Field(name, JsonValueKind.Number, "a number");
        return field.Value.TryGetInt32(out var number) && number >= 0 ? number : throw field.Error("is no whole number from 0 up");
    }

    public DataFormatException Error(string reason) => new(File, null, Path.Length == 0 ? reason : $"{Path}: {reason}");

    private JsonPlace Field(string name, JsonValueKind kind, string what)
    {
        if (Value.ValueKind != JsonValueKind.Object) throw Error("is no object");
        if (!Value.TryGetProperty(name, out var value)) throw Error($"there is no '{name}'");
        var field = new JsonPlace(File, Path.Length == 0 ? name : $"{Path}.{name}", value);
        return value.ValueKind == kind ? field : throw field.Error($"is not {what}");
    }
}
