using SqueezeBert.Pipelines.Embedding;
using SqueezeBert.Server.Calls;
using SqueezeBert.Server.Models;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Compatible;

/// <summary>
/// Computes vectors for the routes that return them. All of them use one pipeline, which neither shortens nor normalizes vectors, so that
/// requests with different options are computed together. The options of a request are applied afterwards, with the same bits as in the
/// library.
/// </summary>
internal static class Embeddings
{
    /// <param name="call">The request, not yet admitted.</param>
    /// <param name="model">Which model.</param>
    /// <param name="input">The texts.</param>
    /// <param name="name">The field that they are in.</param>
    /// <param name="prompt">The name of a prompt of the model's folder; null for its default.</param>
    /// <param name="reading">How much is read; null as the host says.</param>
    /// <param name="normalize">Whether vectors have the length 1.</param>
    /// <param name="dimensions">How many of the first components are kept; null for all.</param>
    public static async Task<ReadOnlyMemory<float>[]> ComputeAsync(
        Call call, ServedModel model, EmbeddingInput input, string name, string? prompt, ReadingOptions? reading, bool normalize,
        int? dimensions)
    {
        using var lease = model.Rent<TextEmbedder>();
        var width = lease.Pipeline.Dimensions;
        if (dimensions > width)
            throw Fields.Wrong("dimensions", $"dimensions is {dimensions}; the model's vectors have {width} components");
        if (prompt is not null && !lease.Pipeline.Settings.Prompts.ContainsKey(prompt))
        {
            var known = string.Join(", ", lease.Pipeline.Settings.Prompts.Keys.Order(StringComparer.Ordinal));
            throw Fields.Wrong("prompt_name", $"the model has no prompt of that name; it has {(known.Length == 0 ? "none" : known)}");
        }

        call.Tag(lease);
        using var raw = Call.Checked(() => PipelineVariants.Rent(lease.Pipeline.Model, "raw", inner => new TextEmbedder(
            inner, lease.Options.TextEmbedder with { Reading = lease.Pipeline.Reading, Normalize = false })));
        call.Admit(model, Cost(input.Texts, lease.Pipeline, reading), input.IsBatch);
        var answers = await call.RunAllAsync(
            input.Texts.Count,
            i => call.ShareAsync(input.Texts.Count, token => raw.Pipeline.EmbedAsync(input.Texts[i], prompt, reading, token)),
            i => input.IsBatch ? $"{name}[{i}]" : name).ConfigureAwait(false);
        foreach (var answer in answers) call.CountRead(answer.Read);
        return Array.ConvertAll(answers, answer => Finish(answer.Vector, normalize, dimensions));
    }

    /// <summary>Estimated tokens of texts.</summary>
    public static long Cost(IEnumerable<string> texts, TextPipeline pipeline, ReadingOptions? reading)
    {
        var longText = reading?.LongText ?? pipeline.Reading.LongText;
        int? length = longText == LongText.Windows ? null : reading?.MaxLength ?? pipeline.MaxLength;
        return texts.Sum(text => ModelQueue.Cost(text.Length, length));
    }

    private static ReadOnlyMemory<float> Finish(ReadOnlyMemory<float> vector, bool normalize, int? dimensions)
    {
        var values = vector.Span[..(dimensions ?? vector.Length)].ToArray();
        if (normalize) TokenPooling.Normalize(values);
        foreach (var value in values)
        {
            // As a client would see it: no JSON has a word for it.
            if (!float.IsFinite(value)) throw new RequestException(Fault.Failed, "the vector is not finite");
        }

        return values;
    }
}
