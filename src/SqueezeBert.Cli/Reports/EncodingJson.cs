using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Cli.Reports;

/// <summary>Encodings as lines of JSON.</summary>
internal static class EncodingJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>{"ids", "tokens", "type_ids", "offsets"} and a line end; with a length "truncated", with overflow "overflowing".</summary>
    public static string Line(TextEncoding encoding, EncodingOptions options)
    {
        var bytes = new ArrayBufferWriter<byte>(32 * encoding.Length);
        using (var writer = new Utf8JsonWriter(bytes, Options)) Write(writer, encoding, options);
        return System.Text.Encoding.UTF8.GetString(bytes.WrittenSpan) + "\n";
    }

    private static void Write(Utf8JsonWriter writer, TextEncoding encoding, EncodingOptions? options)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("ids");
        foreach (var id in encoding.Ids) writer.WriteNumberValue(id);
        writer.WriteEndArray();
        writer.WriteStartArray("tokens");
        foreach (var token in encoding.Tokens) writer.WriteStringValue(token);
        writer.WriteEndArray();
        writer.WriteStartArray("type_ids");
        foreach (var id in encoding.TypeIds) writer.WriteNumberValue(id);
        writer.WriteEndArray();
        writer.WriteStartArray("offsets");
        foreach (var (start, end) in encoding.Offsets)
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(start);
            writer.WriteNumberValue(end);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        if (options?.MaxLength is not null) writer.WriteBoolean("truncated", encoding.IsTruncated);
        if (options?.ReturnOverflowing == true)
        {
            writer.WriteStartArray("overflowing");
            foreach (var window in encoding.Overflowing) Write(writer, window, null);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
