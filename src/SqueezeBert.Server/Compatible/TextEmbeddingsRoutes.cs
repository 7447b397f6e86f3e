using System.Globalization;
using SqueezeBert.Server.Answers;
using SqueezeBert.Server.Calls;
using SqueezeBert.Server.Models;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Compatible;

/// <summary>
/// The routes of text-embeddings-inference for vectors: `/embed`, `/embed_all` and `/similarity`. As in the original, unknown fields are
/// ignored.
/// </summary>
internal static class TextEmbeddingsRoutes
{
    /// <summary>Returns one vector per text.</summary>
    public static ModelRequest Embed(Call call, Fields fields)
    {
        var model = call.NamedModel ?? call.Services.Models.FirstEncoder();
        var input = EmbeddingInput.Of(
            fields.RequiredElement("inputs"), fields.Path("inputs"), model.Current.Tokenizer, call.Options);
        var options = new EmbeddingOptions(
            fields.Text("prompt_name"), RequestReading.OfTruncate(fields), fields.Flag("normalize") ?? true,
            fields.Integer("dimensions", 1));
        return Embeddings.Understand(model, input, fields, "inputs", options, (_, vectors) => async (writer, flushAsync) =>
        {
            writer.WriteStartArray();
            foreach (var vector in vectors)
            {
                writer.WriteVector(vector.Span);
                await flushAsync().ConfigureAwait(false);
            }

            writer.WriteEndArray();
        });
    }

    /// <summary>The hidden states of a text's tokens.</summary>
    public static async Task EmbedAllAsync(Call call)
    {
        call.Services.CheckRunning();
        var fields = await call.ReadAsync().ConfigureAwait(false);
        var model = call.NamedModel ?? call.Services.Models.FirstEncoder();
        var input = EmbeddingInput.Of(fields.RequiredElement("inputs"), "inputs", model.Current.Tokenizer, call.Options);
        var reading = RequestReading.OfTruncate(fields);
        using var lease = model.Rent<FeatureExtractor>();
        call.Tag(lease);
        var length = Embeddings.LengthOf(lease.Pipeline, reading);
        call.Admit(model, input.Cost(length), input.IsBatch);
        var texts = await Task.WhenAll(Enumerable.Range(0, input.Count).Select(i => input.TextAsync(i, length, call.Token)))
            .ConfigureAwait(false);
        await NumberLimit.CheckStatesAsync(texts, lease.Pipeline, reading, call.Options, call.Token).ConfigureAwait(false);
        var answers = await call.RunAllAsync(
            texts.Length, i => call.ShareAsync(texts.Length, token => lease.Pipeline.ExtractAsync(texts[i], reading, token)),
            i => input.IsBatch ? $"inputs[{i}]" : "inputs").ConfigureAwait(false);
        foreach (var answer in answers) call.CountRead(answer.Read);
        call.Usage.Write(call.Context.Response.Headers, call.Elapsed);
        await JsonAnswer.WriteAsync(call.Context, async (writer, flushAsync) =>
        {
            writer.WriteStartArray();
            foreach (var answer in answers)
            {
                writer.WriteStartArray();
                for (var token = 0; token < answer.TokenCount; token++)
                {
                    writer.WriteVector(answer[token]);
                    await flushAsync().ConfigureAwait(false);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndArray();
        }).ConfigureAwait(false);
    }

    /// <summary>Cosines of texts with one.</summary>
    public static async Task CompareAsync(Call call)
    {
        call.Services.CheckRunning();
        var fields = await call.ReadAsync().ConfigureAwait(false);
        var model = call.NamedModel ?? call.Services.Models.FirstEncoder();
        var inputs = fields.Object("inputs") ?? throw Fields.Wrong("inputs", "inputs is missing");
        var source = EmbeddingInput.CheckLength(inputs.RequiredText("source_sentence"), "inputs.source_sentence", call.Options);
        var sentences = inputs.Texts("sentences", call.Options.MaxTexts) ??
            throw Fields.Wrong("inputs.sentences", "inputs.sentences is missing");
        if (sentences.Count == 0)
            throw new RequestException(Fault.Empty, "`inputs.sentences` cannot be empty") { Field = "inputs.sentences" };
        var parameters = fields.Object("parameters");
        var reading = parameters is null ? null : RequestReading.OfTruncate(parameters);
        var prompt = parameters?.Text("prompt_name");
        string[] texts =
        [
            source,
            .. sentences.Select((text, i) => EmbeddingInput.CheckLength(text, $"inputs.sentences[{i}]", call.Options)),
        ];
        using var lease = model.Rent<TextEmbedder>();
        if (prompt is not null && !lease.Pipeline.Settings.Prompts.ContainsKey(prompt))
            throw Fields.Wrong("parameters.prompt_name", "the model has no prompt of that name");
        call.Tag(lease);
        call.Admit(model, Embeddings.Cost(texts, lease.Pipeline, reading), isBatch: true);
        var answers = await call.RunAllAsync(
            texts.Length, i => call.ShareAsync(texts.Length, token => lease.Pipeline.EmbedAsync(texts[i], prompt, reading, token)),
            i => i == 0 ? "inputs.source_sentence" : string.Create(CultureInfo.InvariantCulture, $"inputs.sentences[{i - 1}]"))
            .ConfigureAwait(false);
        foreach (var answer in answers) call.CountRead(answer.Read);
        var scores = answers.Skip(1).Select(answer => answers[0].Similarity(answer)).ToArray();
        call.Usage.Write(call.Context.Response.Headers, call.Elapsed);
        await JsonAnswer.WriteAsync(call.Context, writer => writer.WriteVector(scores)).ConfigureAwait(false);
    }
}
