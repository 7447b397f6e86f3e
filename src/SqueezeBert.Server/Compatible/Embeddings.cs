using SqueezeBert.Pipelines.Embedding;
using SqueezeBert.Server.Answers;
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
    /// <param name="model">Which model.</param>
    /// <param name="input">The texts.</param>
    /// <param name="fields">The request.</param>
    /// <param name="name">The field that the texts are in.</param>
    /// <param name="options">What the request asks for.</param>
    /// <param name="write">Writes the vectors of a call.</param>
    public static ModelRequest Understand(
        ServedModel model, EmbeddingInput input, Fields fields, string name, EmbeddingOptions options,
        Func<Call, ReadOnlyMemory<float>[], AnswerWriter> write) => ModelRequest.Of<TextEmbedder>(model, lease =>
    {
        var width = lease.Pipeline.Dimensions;
        if (options.Dimensions > width)
        {
            throw Fields.Wrong(
                fields.Path("dimensions"),
                $"{fields.Path("dimensions")} is {options.Dimensions}; the model's vectors have {width} components");
        }

        if (options.Prompt is { } prompt && !lease.Pipeline.Settings.Prompts.ContainsKey(prompt))
        {
            var known = string.Join(", ", lease.Pipeline.Settings.Prompts.Keys.Order(StringComparer.Ordinal));
            throw Fields.Wrong(
                fields.Path("prompt_name"), $"the model has no prompt of that name; it has {(known.Length == 0 ? "none" : known)}");
        }

        var raw = Call.Checked(() => PipelineVariants.Rent(lease.Pipeline.Model, VariantKey.Raw, inner => new TextEmbedder(
            inner, lease.Options.TextEmbedder with { Reading = lease.Pipeline.Reading, Normalize = false })));
        var length = LengthOf(lease.Pipeline, options.Reading);
        return new ModelWork(input.Cost(length), input.IsBatch, ComputeAsync, raw);

        async Task<AnswerWriter> ComputeAsync(Call call)
        {
            var path = fields.Path(name);
            var answers = await call.RunAllAsync(
                input.Count,
                i => call.ShareAsync(input.Count, async token => await raw.Pipeline.EmbedAsync(
                    await input.TextAsync(i, length, token).ConfigureAwait(false), options.Prompt, options.Reading, token)
                    .ConfigureAwait(false)),
                i => input.IsBatch ? $"{path}[{i}]" : path).ConfigureAwait(false);
            foreach (var answer in answers) call.CountRead(answer.Read);
            return write(call, Array.ConvertAll(answers, answer => Finish(answer.Vector, options.Normalize, options.Dimensions)));
        }
    });

    /// <summary>Estimated tokens of texts.</summary>
    public static long Cost(IEnumerable<string> texts, TextPipeline pipeline, ReadingOptions? reading)
    {
        var length = LengthOf(pipeline, reading);
        return texts.Sum(text => ModelQueue.Cost(text.Length, length));
    }

    /// <summary>The largest number of tokens that is read of a text; null for all.</summary>
    public static int? LengthOf(TextPipeline pipeline, ReadingOptions? reading) =>
        (reading?.LongText ?? pipeline.Reading.LongText) == LongText.Windows ? null : reading?.MaxLength ?? pipeline.MaxLength;

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

/// <summary>What a request asks of vectors.</summary>
/// <param name="Prompt">The name of a prompt of the model's folder; null for its default.</param>
/// <param name="Reading">How much is read; null as the host says.</param>
/// <param name="Normalize">Whether vectors have the length 1.</param>
/// <param name="Dimensions">How many of the first components are kept; null for all.</param>
internal sealed record EmbeddingOptions(string? Prompt, ReadingOptions? Reading, bool Normalize, int? Dimensions);
