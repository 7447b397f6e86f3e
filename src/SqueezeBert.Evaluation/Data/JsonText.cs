using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SqueezeBert.Evaluation.Data;

/// <summary>
/// Lines of JSON and the strings in them, lone surrogates included (the platform's reader refuses them; they are ordinary text here).
/// </summary>
internal static class JsonText
{
    /// <summary>The object that a line holds.</summary>
    /// <exception cref="DataFormatException">It is no JSON, or another value than an object.</exception>
    public static JsonElement ParseObject(string json, string file, long line)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document.RootElement.Clone();
            throw new DataFormatException(file, line, $"a JSON object is needed, not {Article(document.RootElement.ValueKind)}");
        }
        catch (JsonException exception)
        {
            throw new DataFormatException(file, line, $"invalid JSON at byte {exception.BytePositionInLine + 1} of the line", exception);
        }
    }

    /// <summary>The value as a field: a string's text, "" for null, the JSON itself for anything else.</summary>
    public static string Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Text(value),
        JsonValueKind.Null => "",
        _ => value.GetRawText(),
    };

    private static string Article(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };

    private static string Text(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Unescape(value.GetRawText().AsSpan()[1..^1]);
        }
    }

    private static string Unescape(ReadOnlySpan<char> raw)
    {
        var text = new StringBuilder(raw.Length);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\')
            {
                text.Append(raw[i]);
                continue;
            }

            i++;
            switch (raw[i])
            {
                case 'b': text.Append('\b'); break;
                case 'f': text.Append('\f'); break;
                case 'n': text.Append('\n'); break;
                case 'r': text.Append('\r'); break;
                case 't': text.Append('\t'); break;
                case 'u':
                    text.Append((char)ushort.Parse(raw.Slice(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                    i += 4;
                    break;
                default: text.Append(raw[i]); break;
            }
        }

        return text.ToString();
    }
}
