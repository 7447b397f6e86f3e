using System.Text;
using System.Text.Json;
using SqueezeBert.Files;

namespace SqueezeBert.Assistant.Definitions;

/// <summary>
/// Reads Rasa's sentences: <c>[text](entity)</c>, <c>[text](entity:value)</c> and
/// <c>[text]{"entity": "city", "role": "from", "value": "NYC"}</c>. A bracket that begins no such mark is a character as any other.
/// </summary>
internal sealed class ExampleParser(string file)
{
    private const int MaxLength = 2_000;

    /// <summary>Reads a sentence.</summary>
    /// <param name="intent">What it asks for.</param>
    /// <param name="source">The sentence with its marks.</param>
    /// <param name="line">Where it stands.</param>
    /// <param name="addSynonym">Told of each value that a mark gives to its words.</param>
    /// <exception cref="AssistantFileException">A mark is malformed.</exception>
    public Example Parse(string intent, string source, int line, Action<string, string, int> addSynonym)
    {
        if (source.Length > MaxLength) throw Error(line, $"has a sentence of more than {MaxLength} characters");
        var text = new StringBuilder();
        var spans = new List<SlotSpan>();
        for (var i = 0; i < source.Length;)
        {
            if (source[i] != '[' || CloseOf(source, i) is not { } close)
            {
                text.Append(source[i++]);
                continue;
            }

            var words = source[(i + 1)..close].Trim();
            if (words.Length == 0) throw Error(line, $"marks no words: '{source}'");
            var (entity, role, value, end) = source[close + 1] == '(' ? ReadName(source, close + 1, line)
                : ReadObject(source, close + 1, line);
            var start = text.Length;
            text.Append(words);
            spans.Add(new SlotSpan(start, text.Length, entity, role));
            if (value is not null) addSynonym(words, value, line);
            i = end;
        }

        var sentence = text.ToString();
        return string.IsNullOrWhiteSpace(sentence) ? throw Error(line, "has a sentence without words")
            : new Example(intent, sentence, spans, line);
    }

    // The bracket that closes a mark, behind which its entity stands.
    private static int? CloseOf(string source, int open)
    {
        var close = source.IndexOf(']', open + 1);
        return close >= 0 && close + 1 < source.Length && source[close + 1] is '(' or '{'
            && source.IndexOf('[', open + 1, close - open - 1) < 0
            ? close : null;
    }

    private (string, string?, string?, int) ReadName(string source, int open, int line)
    {
        var close = source.IndexOf(')', open);
        if (close < 0) throw Error(line, $"lacks the ')' of a mark: '{source}'");
        var parts = source[(open + 1)..close].Split(':', 2, StringSplitOptions.TrimEntries);
        return (Name(parts[0], line), null, parts.Length == 2 && parts[1].Length > 0 ? parts[1] : null, close + 1);
    }

    private (string, string?, string?, int) ReadObject(string source, int open, int line)
    {
        var close = source.IndexOf('}', open);
        if (close < 0) throw Error(line, $"lacks the '}}' of a mark: '{source}'");
        string? entity = null, role = null, value = null;
        try
        {
            using var json = JsonDocument.Parse(source.AsMemory(open, close + 1 - open), new JsonDocumentOptions { MaxDepth = 4 });
            foreach (var field in json.RootElement.EnumerateObject())
            {
                var text = field.Value.ValueKind == JsonValueKind.String ? field.Value.GetString()!.Trim() : field.Value.GetRawText();
                switch (field.Name)
                {
                    case "entity": entity = text; break;
                    case "role": role = text; break;
                    case "value": value = text; break;
                    case "group": break;
                    default:
                        throw Error(line, $"has a mark with the field '{field.Name}'; an entity has entity, role, group and value");
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new AssistantFileException(file, line, null, $"has a mark that is not JSON: '{source[open..(close + 1)]}'", e);
        }

        if (entity is null) throw Error(line, $"has a mark without \"entity\": '{source}'");
        return (Name(entity, line), string.IsNullOrEmpty(role) ? null : Name(role, line), string.IsNullOrEmpty(value) ? null : value,
            close + 1);
    }

    private string Name(string name, int line) => IsName(name) ? name
        : throw Error(line, $"'{MessagePart.OneLine(name)}' is no name: letters, digits, '_', '-' and '/', at most {MaxName} of them");

    private const int MaxName = 64;

    /// <summary>Whether a text can be the name of an intent, an entity or a role.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= MaxName && name.All(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '/' or '.' or '+');

    private AssistantFileException Error(int line, string reason) => new(file, line, null, reason);
}
