using System.Text;
using System.Text.Json;
using SqueezeBert.Server.Answers;
using SqueezeBert.Server.Calls;
using SqueezeBert.Server.Models;
using SqueezeBert.Server.Requests;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Server.Compatible;

/// <summary>The routes of text-embeddings-inference for tokens: `/tokenize` and `/decode`.</summary>
internal static class TokenRoutes
{
    /// <summary>Tokens of texts, with their places in bytes of UTF-8, as there.</summary>
    public static async Task TokenizeAsync(Call call)
    {
        call.Services.CheckRunning();
        var fields = await call.ReadAsync().ConfigureAwait(false);
        var model = call.NamedModel ?? call.Services.Models.First();
        var hasSpecial = fields.Flag("add_special_tokens") ?? true;
        var inputs = fields.RequiredElement("inputs");
        var texts = Texts(inputs, call.Options);
        var prompt = Prompt(model, fields.Text("prompt_name"));
        call.AdmitTokenizing(
            model, texts.Sum(text => ModelQueue.Cost(prompt.Length + text.Length, null)), inputs.ValueKind == JsonValueKind.Array);
        var tokenizer = model.Current.Tokenizer;
        var encodings = await call.RunAllAsync(
            texts.Count,
            i => Task.Run(
                () => tokenizer.Encode(prompt + texts[i], new EncodingOptions { AddSpecialTokens = hasSpecial }, call.Token), call.Token),
            i => $"inputs[{i}]").ConfigureAwait(false);
        await JsonAnswer.WriteAsync(call.Context, async (writer, flushAsync) =>
        {
            writer.WriteStartArray();
            for (var i = 0; i < texts.Count; i++)
            {
                Write(writer, encodings[i], prompt + texts[i]);
                await flushAsync().ConfigureAwait(false);
            }

            writer.WriteEndArray();
        }).ConfigureAwait(false);
    }

    /// <summary>Texts of token ids.</summary>
    public static async Task DecodeAsync(Call call)
    {
        call.Services.CheckRunning();
        var fields = await call.ReadAsync().ConfigureAwait(false);
        var model = call.NamedModel ?? call.Services.Models.First();
        var tokenizer = model.Current.Tokenizer;
        var skips = fields.Flag("skip_special_tokens") ?? true;
        var ids = fields.RequiredElement("ids");
        if (ids.ValueKind == JsonValueKind.Array && ids.GetArrayLength() == 0)
            throw new RequestException(Fault.Empty, "`ids` cannot be empty") { Field = "ids" };
        var isBatch = ids.ValueKind == JsonValueKind.Array && ids[0].ValueKind == JsonValueKind.Array;
        if (isBatch) EmbeddingInput.CheckCount(ids.GetArrayLength(), "ids", call.Options.MaxTexts);
        JsonElement[] items = isBatch ? [.. ids.EnumerateArray()] : [ids];
        call.AdmitTokenizing(model, items.Sum(item => item.ValueKind == JsonValueKind.Array ? item.GetArrayLength() : 0), isBatch);
        var texts = await call.RunAllAsync(
            items.Length, i => Task.Run(() => Decode(items[i], isBatch ? $"ids[{i}]" : "ids"), call.Token),
            i => $"ids[{i}]").ConfigureAwait(false);
        await JsonAnswer.WriteAsync(call.Context, writer =>
        {
            writer.WriteStartArray();
            foreach (var text in texts) writer.WriteStringValue(text);
            writer.WriteEndArray();
        }).ConfigureAwait(false);

        string Decode(JsonElement element, string name) =>
            tokenizer.Decode(EmbeddingInput.Ids(element, name, tokenizer, call.Options), skips);
    }

    private static IReadOnlyList<string> Texts(JsonElement inputs, SqueezeBertServerOptions options)
    {
        if (inputs.ValueKind != JsonValueKind.Array) return [EmbeddingInput.Text(inputs, "inputs", options)];
        if (inputs.GetArrayLength() == 0) throw new RequestException(Fault.Empty, "`inputs` cannot be empty") { Field = "inputs" };
        EmbeddingInput.CheckCount(inputs.GetArrayLength(), "inputs", options.MaxTexts);
        return [.. inputs.EnumerateArray().Select((item, i) => EmbeddingInput.Text(item, $"inputs[{i}]", options))];
    }

    private static string Prompt(ServedModel model, string? name)
    {
        if (name is null) return "";
        using var lease = model.Rent<TextEmbedder>();
        return lease.Pipeline.Settings.Prompts.TryGetValue(name, out var prompt) ? prompt
            : throw Fields.Wrong("prompt_name", "the model has no prompt of that name");
    }

    private static void Write(Utf8JsonWriter writer, TextEncoding encoding, string text)
    {
        var bytes = new Utf8Places(text);
        writer.WriteStartArray();
        for (var i = 0; i < encoding.Length; i++)
        {
            var isSpecial = encoding.SpecialTokensMask[i] != 0;
            var offset = encoding.Offsets[i];
            writer.WriteStartObject();
            writer.WriteNumber("id", encoding.Ids[i]);
            writer.WriteString("text", isSpecial ? encoding.Tokens[i] : text.AsSpan(offset.Start, offset.End - offset.Start));
            writer.WriteBoolean("special", isSpecial);
            if (isSpecial)
            {
                writer.WriteNull("start");
                writer.WriteNull("stop");
            }
            else
            {
                writer.WriteNumber("start", bytes.Of(offset.Start));
                writer.WriteNumber("stop", bytes.Of(offset.End));
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>Places in UTF-16 as places in UTF-8; asked in their order, they cost one pass over the text.</summary>
    private sealed class Utf8Places(string text)
    {
        private int _units;
        private int _bytes;

        public int Of(int unit)
        {
            if (unit < _units) (_units, _bytes) = (0, 0);
            _bytes += Encoding.UTF8.GetByteCount(text.AsSpan(_units, unit - _units));
            _units = unit;
            return _bytes;
        }
    }
}
