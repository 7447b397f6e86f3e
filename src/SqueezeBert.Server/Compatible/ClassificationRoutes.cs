using System.Text.Json;
using SqueezeBert.Server.Answers;
using SqueezeBert.Server.Calls;
using SqueezeBert.Server.Models;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Compatible;

/// <summary>The routes of text-embeddings-inference for models with labels: `/predict` and `/rerank`.</summary>
internal static class ClassificationRoutes
{
    public const string Head = ServedModel.ClassifierHead;

    /// <summary>Labels of a text, of a pair, or of a list of both.</summary>
    public static ModelRequest Predict(Call call, Fields fields)
    {
        var model = call.NamedModel ?? call.Services.Models.First(Head);
        var path = fields.Path("inputs");
        var (texts, isBatch) = Inputs(fields.RequiredElement("inputs"), path, call.Options);
        var isRaw = fields.Flag("raw_scores") ?? false;
        var reading = RequestReading.OfTruncate(fields);
        return ModelRequest.Of<TextClassifier>(model, lease =>
        {
            var raw = PipelineVariants.Rent(lease.Pipeline.Model, VariantKey.Raw, inner => new TextClassifier(
                inner, lease.Options.TextClassifier with { Reading = lease.Pipeline.Reading, HasRawScores = true }));
            var classifier = isRaw ? raw.Pipeline : lease.Pipeline;
            return new ModelWork(
                Embeddings.Cost(texts.Select(text => text.Text + text.Pair), classifier, reading), isBatch,
                asked => PredictAsync(asked, classifier, texts, reading, isBatch, path), raw);
        });
    }

    /// <summary>Texts in the order of their relevance to a query.</summary>
    public static ModelRequest Rerank(Call call, Fields fields)
    {
        var model = call.NamedModel ?? call.Services.Models.First(Head, labels: 1);
        var query = EmbeddingInput.CheckLength(fields.RequiredText("query"), fields.Path("query"), call.Options);
        var path = fields.Path("texts");
        var texts = fields.Element("texts") is null ? throw Fields.Wrong(path, $"{path} is missing")
            : fields.Texts("texts", call.Options.MaxTexts)!;
        if (texts.Count == 0) throw new RequestException(Fault.Empty, $"`{path}` cannot be empty") { Field = path };
        for (var i = 0; i < texts.Count; i++) EmbeddingInput.CheckLength(texts[i], $"{path}[{i}]", call.Options);
        var isRaw = fields.Flag("raw_scores") ?? false;
        var hasText = fields.Flag("return_text") ?? false;
        var reading = RequestReading.OfTruncate(fields);
        return ModelRequest.Of<TextReranker>(model, lease =>
        {
            var raw = PipelineVariants.Rent(lease.Pipeline.Model, VariantKey.Raw, inner => new TextReranker(
                inner, lease.Options.TextReranker with { Reading = lease.Pipeline.Reading, HasRawScores = true }));
            var reranker = isRaw ? raw.Pipeline : lease.Pipeline;
            return new ModelWork(
                Embeddings.Cost(texts.Select(text => query + text), reranker, reading), IsBatch: true,
                asked => RerankAsync(asked, reranker, query, texts, reading, hasText, path), raw);
        });
    }

    private static async Task<AnswerWriter> PredictAsync(
        Call call, TextClassifier classifier, IReadOnlyList<TextPair> texts, ReadingOptions? reading, bool isBatch, string path)
    {
        var answers = await call.RunAllAsync(
            texts.Count, i => call.ShareAsync(texts.Count, token => classifier.ClassifyAsync(texts[i], reading, token)),
            i => isBatch ? $"{path}[{i}]" : path)
            .ConfigureAwait(false);
        foreach (var answer in answers)
        {
            if (answer.Labels.Any(label => !float.IsFinite(label.Score))) throw new RequestException(Fault.Failed, "score is NaN");
            call.CountRead(answer.Read);
        }

        return (writer, _) =>
        {
            if (isBatch) writer.WriteStartArray();
            foreach (var answer in answers) Write(writer, answer);
            if (isBatch) writer.WriteEndArray();
            return Task.CompletedTask;
        };
    }

    private static async Task<AnswerWriter> RerankAsync(
        Call call, TextReranker reranker, string query, IReadOnlyList<string> texts, ReadingOptions? reading, bool hasText, string path)
    {
        // One by one, so that one that is too long is named.
        var answers = await call.RunAllAsync(
            texts.Count,
            i => call.ShareAsync(
                texts.Count, async token => (await reranker.RankAsync(query, [texts[i]], reading, token).ConfigureAwait(false))[0]),
            i => $"{path}[{i}]").ConfigureAwait(false);
        foreach (var answer in answers)
        {
            if (!float.IsFinite(answer.Score)) throw new RequestException(Fault.Failed, "score is NaN");
            call.CountRead(answer.Read);
        }

        return (writer, _) =>
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
            return Task.CompletedTask;
        };
    }

    /// <summary>"a" is a text, ["a", "b"] is a pair, [["a"], ["a", "b"]] is a list of both.</summary>
    private static (IReadOnlyList<TextPair> Texts, bool IsBatch) Inputs(
        JsonElement inputs, string name, SqueezeBertServerOptions options)
    {
        if (inputs.ValueKind == JsonValueKind.Array && inputs.GetArrayLength() == 0)
            throw new RequestException(Fault.Empty, $"`{name}` cannot be empty") { Field = name };
        if (inputs.ValueKind != JsonValueKind.Array || inputs[0].ValueKind != JsonValueKind.Array)
            return ([Sequence(inputs, name, options)], false);
        EmbeddingInput.CheckCount(inputs.GetArrayLength(), name, options.MaxTexts);
        return ([.. inputs.EnumerateArray().Select((item, i) => Sequence(item, $"{name}[{i}]", options))], true);
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
