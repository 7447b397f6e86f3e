using System.Text.Json;
using SqueezeBert.Server.Answers;
using SqueezeBert.Server.Calls;
using SqueezeBert.Server.Models;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Compatible;

/// <summary>The routes of text-embeddings-inference for models with labels: `/predict` and `/rerank`.</summary>
internal static class ClassificationRoutes
{
    public const string Head = "sequence classification";

    /// <summary>Labels of a text, of a pair, or of a list of both.</summary>
    public static async Task PredictAsync(Call call)
    {
        call.Services.CheckRunning();
        var fields = await call.ReadAsync().ConfigureAwait(false);
        var model = call.NamedModel ?? call.Services.Models.First(Head);
        var (texts, isBatch) = Inputs(fields.RequiredElement("inputs"), call.Options);
        var isRaw = fields.Flag("raw_scores") ?? false;
        var reading = RequestReading.OfTruncate(fields);
        using var lease = model.Rent<TextClassifier>();
        call.Tag(lease);
        using var raw = PipelineVariants.Rent(lease.Pipeline.Model, "raw", inner => new TextClassifier(
            inner, lease.Options.TextClassifier with { Reading = lease.Pipeline.Reading, HasRawScores = true }));
        var classifier = isRaw ? raw.Pipeline : lease.Pipeline;
        call.Admit(model, Embeddings.Cost(texts.Select(text => text.Text + text.Pair), classifier, reading), isBatch);
        var answers = await call.RunAllAsync(
            texts.Count, i => call.ShareAsync(texts.Count, token => classifier.ClassifyAsync(texts[i], reading, token)),
            i => isBatch ? $"inputs[{i}]" : "inputs")
            .ConfigureAwait(false);
        foreach (var answer in answers)
        {
            if (answer.Labels.Any(label => !float.IsFinite(label.Score))) throw new RequestException(Fault.Failed, "score is NaN");
            call.CountRead(answer.Read);
        }

        call.Usage.Write(call.Context.Response.Headers, call.Elapsed);
        await JsonAnswer.WriteAsync(call.Context, writer =>
        {
            if (isBatch) writer.WriteStartArray();
            foreach (var answer in answers) Write(writer, answer);
            if (isBatch) writer.WriteEndArray();
        }).ConfigureAwait(false);
    }

    /// <summary>Texts in the order of their relevance to a query.</summary>
    public static async Task RerankAsync(Call call)
    {
        call.Services.CheckRunning();
        var fields = await call.ReadAsync().ConfigureAwait(false);
        var model = call.NamedModel ?? call.Services.Models.First(Head, labels: 1);
        var query = EmbeddingInput.CheckLength(fields.RequiredText("query"), "query", call.Options);
        var texts = fields.Element("texts") is null ? throw Fields.Wrong("texts", "texts is missing")
            : fields.Texts("texts", call.Options.MaxTexts)!;
        if (texts.Count == 0) throw new RequestException(Fault.Empty, "`texts` cannot be empty") { Field = "texts" };
        for (var i = 0; i < texts.Count; i++) EmbeddingInput.CheckLength(texts[i], $"texts[{i}]", call.Options);
        var isRaw = fields.Flag("raw_scores") ?? false;
        var hasText = fields.Flag("return_text") ?? false;
        var reading = RequestReading.OfTruncate(fields);
        using var lease = model.Rent<TextReranker>();
        call.Tag(lease);
        using var raw = PipelineVariants.Rent(lease.Pipeline.Model, "raw", inner => new TextReranker(
            inner, lease.Options.TextReranker with { Reading = lease.Pipeline.Reading, HasRawScores = true }));
        var reranker = isRaw ? raw.Pipeline : lease.Pipeline;
        call.Admit(model, Embeddings.Cost(texts.Select(text => query + text), reranker, reading), isBatch: true);

        // One by one, so that one that is too long is named.
        var answers = await call.RunAllAsync(
            texts.Count,
            i => call.ShareAsync(
                texts.Count, async token => (await reranker.RankAsync(query, [texts[i]], reading, token).ConfigureAwait(false))[0]),
            i => $"texts[{i}]").ConfigureAwait(false);
        foreach (var answer in answers)
        {
            if (!float.IsFinite(answer.Score)) throw new RequestException(Fault.Failed, "score is NaN");
            call.CountRead(answer.Read);
        }

        call.Usage.Write(call.Context.Response.Headers, call.Elapsed);
        await JsonAnswer.WriteAsync(call.Context, writer =>
        {
            writer.WriteStartArray();
            foreach (var (index, answer) in answers.Index().OrderByDescending(item => item.Item.Score))
            {
                writer.WriteStartObject();
                writer.WriteNumber("index", index);
                if (hasText) writer.WriteString("text", texts[index]);
                writer.WriteNumber("score", answer.Score);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }).ConfigureAwait(false);
    }

    /// <summary>"a" is a text, ["a", "b"] is a pair, [["a"], ["a", "b"]] is a list of both.</summary>
    private static (IReadOnlyList<TextPair> Texts, bool IsBatch) Inputs(JsonElement inputs, SqueezeBertServerOptions options)
    {
        if (inputs.ValueKind == JsonValueKind.Array && inputs.GetArrayLength() == 0)
            throw new RequestException(Fault.Empty, "`inputs` cannot be empty") { Field = "inputs" };
        if (inputs.ValueKind != JsonValueKind.Array || inputs[0].ValueKind != JsonValueKind.Array)
            return ([Sequence(inputs, "inputs", options)], false);
        EmbeddingInput.CheckCount(inputs.GetArrayLength(), "inputs", options);
        return ([.. inputs.EnumerateArray().Select((item, i) => Sequence(item, $"inputs[{i}]", options))], true);
    }

    private static TextPair Sequence(JsonElement element, string name, SqueezeBertServerOptions options)
    {
        if (element.ValueKind != JsonValueKind.Array) return EmbeddingInput.Text(element, name, options);
        return element.GetArrayLength() switch
        {
            1 => EmbeddingInput.Text(element[0], $"{name}[0]", options),
            2 => (EmbeddingInput.Text(element[0], $"{name}[0]", options), EmbeddingInput.Text(element[1], $"{name}[1]", options)),
            _ => throw Fields.Wrong(
                name, $"{name} must be a text, or one or two in an array; a list of texts has each in an array of its own"),
        };
    }

    private static void Write(Utf8JsonWriter writer, Classification answer)
    {
        writer.WriteStartArray();
        foreach (var (label, score) in answer.Labels)
        {
            writer.WriteStartObject();
            writer.WriteNumber("score", score);
            writer.WriteString("label", label);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
