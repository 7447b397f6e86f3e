using System.Text.Json;
using SqueezeBert.Server.Answers;
using SqueezeBert.Server.Calls;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Compatible;

/// <summary>
/// `/vertex` of text-embeddings-inference, in the form of Vertex AI. Each instance is the body of a request, and each prediction is its
/// answer. An instance is admitted and counted like a request of its own. As in the original, an instance that cannot be answered makes
/// the whole request fail.
/// </summary>
internal static class VertexRoute
{
    private const string Instances = "instances";

    public static async Task PredictAsync(Call call)
    {
        call.Services.CheckRunning();

        // A model that is not there is told even where there is nothing to compute.
        _ = call.NamedModel;
        var instances = Read(call, await call.ReadAsync().ConfigureAwait(false));
        var requests = new List<ModelRequest>(instances.Count);
        var parts = new List<Call>(instances.Count);
        try
        {
            foreach (var instance in instances) requests.Add(Understand(call, instance));
            AnswerTag.Set(call.Context, requests.Select(request => request.Source), call.Body.Bytes.Span);
            foreach (var request in requests)
            {
                parts.Add(call.Part());
                request.Admit(parts[^1]);
            }

            var answers = await ComputeAsync(call, requests, parts).ConfigureAwait(false);
            call.Usage.Write(call.Context.Response.Headers, call.Elapsed);
            await JsonAnswer.WriteAsync(call.Context, async (writer, flushAsync) =>
            {
                writer.WriteStartObject();
                writer.WriteStartArray("predictions");
                foreach (var write in answers) await write(writer, flushAsync).ConfigureAwait(false);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }).ConfigureAwait(false);
        }
        finally
        {
            foreach (var part in parts) part.Dispose();
            foreach (var request in requests) request.Dispose();
        }
    }

    private static IReadOnlyList<Fields> Read(Call call, Fields fields)
    {
        var instances = fields.RequiredElement(Instances);
        if (instances.ValueKind != JsonValueKind.Array) throw Fields.Wrong(Instances, $"{Instances} must be an array of objects");

        // More than may be computed at a time could never be admitted.
        var (count, limit) = (instances.GetArrayLength(), call.Options.MaxConcurrentRequests);
        if (count > limit)
        {
            throw new RequestException(
                Fault.TooLarge, $"{Instances} has {count} items; {limit} are taken ({nameof(call.Options.MaxConcurrentRequests)})")
            { Field = Instances };
        }

        return [.. instances.EnumerateArray().Select((instance, i) => new Fields(instance, $"{Instances}[{i}]"))];
    }

    /// <summary>Only a query with texts is known by its fields; what else is meant depends on the model.</summary>
    private static ModelRequest Understand(Call call, Fields instance)
    {
        if (instance.Has("query") && instance.Has("texts")) return ClassificationRoutes.Rerank(call, instance);
        var model = (call.NamedModel ?? call.Services.Models.First()).Current;
        return model.Heads.Contains(ClassificationRoutes.Head)
            ? ClassificationRoutes.Predict(call, instance) : TextEmbeddingsRoutes.Embed(call, instance);
    }

    /// <summary>Computes all instances together. The first error in their order is that of the request.</summary>
    private static async Task<AnswerWriter[]> ComputeAsync(Call call, List<ModelRequest> requests, List<Call> parts)
    {
        Task<AnswerWriter>[] tasks = [.. requests.Zip(parts, CountAsync)];
        await ((Task)Task.WhenAll(tasks)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var task in tasks) await task.ConfigureAwait(false);
        foreach (var part in parts) call.Usage.Add(part.Usage);
        return Array.ConvertAll(tasks, task => task.Result);

        async Task<AnswerWriter> CountAsync(ModelRequest request, Call part)
        {
            var answer = await request.ComputeAsync(part).ConfigureAwait(false);
            part.Succeed();
            return answer;
        }
    }
}
