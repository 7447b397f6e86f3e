using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SqueezeBert.Server.Answers;
using SqueezeBert.Server.Calls;
using SqueezeBert.Server.Models;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Compatible;

/// <summary>OpenAI's `/v1/embeddings` and `/v1/models`.</summary>
internal static class OpenAIRoutes
{
    private const string Owner = "squeezebert";

    /// <summary>Vectors of texts or token ids.</summary>
    public static ModelRequest Embed(Call call, Fields fields)
    {
        var model = call.Services.Models.FindEncoder(fields.Text("model"));
        var isBase64 = fields.Text("encoding_format") switch
        {
            null or "float" => false,
            "base64" => true,
            _ => throw Fields.Wrong("encoding_format", "encoding_format must be float or base64"),
        };
        var dimensions = fields.Integer("dimensions", 1);
        var input = EmbeddingInput.Of(
            fields.RequiredElement("input"), "input", model.Current.Tokenizer, call.Options, call.Options.MaxEmbeddingTexts);
        var options = new EmbeddingOptions(null, RequestReading.Of(fields), Normalize: true, dimensions);
        return Embeddings.Understand(model, input, fields, "input", options, (asked, vectors) => async (writer, flushAsync) =>
        {
            writer.WriteStartObject();
            writer.WriteString("object", "list");
            writer.WriteStartArray("data");
            for (var i = 0; i < vectors.Length; i++)
            {
                writer.WriteStartObject();
                writer.WriteString("object", "embedding");
                writer.WriteNumber("index", i);
                writer.WritePropertyName("embedding");
                if (isBase64) writer.WriteStringValue(Base64Of(vectors[i].Span));
                else writer.WriteVector(vectors[i].Span);
                writer.WriteEndObject();
                await flushAsync().ConfigureAwait(false);
            }

            writer.WriteEndArray();
            writer.WriteString("model", model.Name);
            writer.WriteStartObject("usage");
            writer.WriteNumber("prompt_tokens", asked.Usage.Tokens);
            writer.WriteNumber("total_tokens", asked.Usage.Tokens);
            writer.WriteEndObject();
            writer.WriteEndObject();
        });
    }

    /// <summary>All models.</summary>
    public static Task ListAsync(Call call) => JsonAnswer.WriteAsync(call.Context, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("object", "list");
        writer.WriteStartArray("data");
        foreach (var model in call.Services.Models.All) Write(writer, model);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>One model.</summary>
    public static Task GetAsync(Call call)
    {
        var model = call.NamedModel!;
        return JsonAnswer.WriteAsync(call.Context, writer => Write(writer, model));
    }

    private static void Write(System.Text.Json.Utf8JsonWriter writer, ServedModel model)
    {
        writer.WriteStartObject();
        writer.WriteString("id", model.Name);
        writer.WriteString("object", "model");
        writer.WriteNumber("created", 0);
        writer.WriteString("owned_by", Owner);
        writer.WriteEndObject();
    }

    /// <summary>Little-endian float32 in base64.</summary>
    private static string Base64Of(ReadOnlySpan<float> vector)
    {
        if (BitConverter.IsLittleEndian) return Convert.ToBase64String(MemoryMarshal.AsBytes(vector));
        var bytes = new byte[vector.Length * sizeof(float)];
        for (var i = 0; i < vector.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
        return Convert.ToBase64String(bytes);
    }
}
