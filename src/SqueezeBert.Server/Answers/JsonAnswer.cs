using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace SqueezeBert.Server.Answers;

/// <summary>Writes answers as JSON, in the spelling of the tool's.</summary>
internal static class JsonAnswer
{
    /// <summary>Bytes after which what is written goes to the client.</summary>
    private const int Chunk = 1 << 16;

    /// <summary>The spelling.</summary>
    public static JsonWriterOptions Options { get; } = new()
    {
        // The content type is never one that a browser runs.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>Writes a whole answer; the status and all headers are set.</summary>
    /// <param name="context">The request.</param>
    /// <param name="write">Writes it, and calls back where all that is there may go to the client.</param>
    /// <param name="type">The content type.</param>
    public static async Task WriteAsync(
        HttpContext context, AnswerWriter write, string type = "application/json")
    {
        context.Response.ContentType = type;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        var output = context.Response.BodyWriter;
        await using var writer = new Utf8JsonWriter(output, Options);
        await write(writer, () => FlushAsync(writer, output, context.RequestAborted)).ConfigureAwait(false);
        await writer.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Sends what is written to the client, if that is much.</summary>
    public static async ValueTask FlushAsync(Utf8JsonWriter writer, PipeWriter output, CancellationToken cancellationToken)
    {
        if (writer.BytesPending + output.UnflushedBytes < Chunk) return;
        writer.Flush();
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes an answer that is small.</summary>
    public static Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write, string type = "application/json") =>
        WriteAsync(
            context,
            (writer, _) =>
            {
                write(writer);
                return Task.CompletedTask;
            },
            type);

    /// <summary>A vector as an array; JSON has no word for the NaN or infinity of a broken model.</summary>
    public static void WriteVector(this Utf8JsonWriter writer, ReadOnlySpan<float> vector)
    {
        writer.WriteStartArray();
        foreach (var value in vector) writer.WriteReal(value);
        writer.WriteEndArray();
    }

    /// <summary>A number, or null where it is not finite.</summary>
    public static void WriteReal(this Utf8JsonWriter writer, float value)
    {
        if (float.IsFinite(value)) writer.WriteNumberValue(value);
        else writer.WriteNullValue();
    }

    /// <summary>Named values, inside an object.</summary>
    public static void WriteValues(this Utf8JsonWriter writer, IEnumerable<(string Name, JsonNode? Value)> values)
    {
        foreach (var (name, value) in values)
        {
            writer.WritePropertyName(name);
            if (value is null) writer.WriteNullValue();
            else value.WriteTo(writer);
        }
    }
}
