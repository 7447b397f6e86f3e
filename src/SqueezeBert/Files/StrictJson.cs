using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Files;

/// <summary>
/// Reads the JSON of model files. Size and depth are limited, names must be unique, strings must be valid Unicode, and all errors have one
/// type of exception.
/// </summary>
internal static class StrictJson
{
    private const int MaxDepth = 64;

    /// <summary>The limit of tokens. A node takes some hundred bytes of memory for as few as two bytes of the file.</summary>
    private const int MaxTokens = 500_000;
    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = MaxDepth };

    /// <summary>Reads a whole file of at most <paramref name="mostBytes"/> bytes.</summary>
    public static byte[] ReadFile(string path, int mostBytes)
    {
        using var source = ByteSource.Open(path);
        return Read(source, mostBytes);
    }

    /// <summary>Reads a whole source of at most <paramref name="mostBytes"/> bytes.</summary>
    public static byte[] Read(ByteSource source, int mostBytes)
    {
        if (source.Length > mostBytes) throw new InvalidModelFileException(
            source.Name, null, $"has {source.Length} bytes, more than the {mostBytes} allowed for a file of its kind");
        return source.ReadArray(0, (int)source.Length);
    }

    /// <summary>Parses an object. A UTF-8 byte order mark is skipped.</summary>
    public static JsonObject ParseObject(ReadOnlySpan<byte> utf8, string file)
    {
        if (utf8.StartsWith("\uFEFF"u8)) utf8 = utf8[3..];
        if (!Utf8.IsValid(utf8)) throw new InvalidModelFileException(file, null, "is not UTF-8");
        try
        {
            CheckTokens(utf8, file);
            return JsonNode.Parse(utf8, documentOptions: DocumentOptions) as JsonObject
                ?? throw new InvalidModelFileException(file, null, "does not hold a JSON object");
        }
        catch (JsonException e)
        {
            throw new InvalidModelFileException(file, null, $"is not valid JSON: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidModelFileException(file, null, "has a string that is not valid Unicode (a lone surrogate)", e);
        }
    }

    /// <summary>Writes indented JSON like transformers, with a line feed at the end.</summary>
    public static void Write(Stream stream, JsonNode node)
    {
        using (var writer = new Utf8JsonWriter(stream, Style.Options)) node.WriteTo(writer);
        stream.WriteByte((byte)'\n');
    }

    // A node decodes its strings when they are first asked for; an escaped lone surrogate would throw there. Names are compared here
    // because the platform's own comparison (AllowDuplicateProperties) loads OpenSSL for a random number, and where there is none the
    // process aborts.
    private static void CheckTokens(ReadOnlySpan<byte> utf8, string file)
    {
        var count = 0;
        var names = new Stack<HashSet<string>>();
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
        {
            if (++count > MaxTokens) throw new InvalidModelFileException(file, null, $"has more than {MaxTokens} JSON values");
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    names.Push(new HashSet<string>(StringComparer.Ordinal));
                    break;
                case JsonTokenType.EndObject:
                    names.Pop();
                    break;
                case JsonTokenType.PropertyName when reader.GetString() is { } name && !names.Peek().Add(name):
                    throw new InvalidModelFileException(file, null, $"is not valid JSON: an object has the name '{name}' twice");
                case JsonTokenType.String when reader.ValueIsEscaped:
                    reader.GetString();
                    break;
            }
        }
    }

    /// <summary>
    /// The style of writing. It is created on the first write, because its encoder takes longer to create than a configuration takes to
    /// read.
    /// </summary>
    private static class Style
    {
        public static readonly JsonWriterOptions Options = new()
        {
            Indented = true,
            IndentSize = 2,
            NewLine = "\n",
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
    }
}
