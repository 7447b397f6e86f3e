using System.Reflection;
using SqueezeBert.Inference;
using SqueezeBert.Server.Answers;
using SqueezeBert.Server.Calls;

namespace SqueezeBert.Server.Compatible;

/// <summary>`/info` of text-embeddings-inference: what a model is, and the limits.</summary>
internal static class InfoRoute
{
    public static string Version { get; } =
        typeof(InfoRoute).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static Task GetAsync(Call call)
    {
        var served = call.NamedModel ?? call.Services.Models.First();
        using var lease = served.Rent<FeatureExtractor>();
        var model = lease.Pipeline.Model;
        return JsonAnswer.WriteAsync(call.Context, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("model_id", served.Name);
            writer.WriteString("model_sha", lease.Fingerprint);
            writer.WriteString("model_dtype", Precisions.Of(model.Engine.Weights).ToString().ToLowerInvariant());
            writer.WriteString("served_model_name", served.Name);
            writer.WriteStartObject("model_type");
            if (model.Heads.Contains(ClassificationRoutes.Head))
            {
                writer.WriteStartObject(model.Configuration.Labels.Count == 1 ? "reranker" : "classifier");
                writer.WriteStartObject("id2label");
                for (var id = 0; id < model.Configuration.Labels.Count; id++)
                    writer.WriteString(id.ToString(System.Globalization.CultureInfo.InvariantCulture), model.Configuration.Labels[id]);
                writer.WriteEndObject();
                writer.WriteStartObject("label2id");
                for (var id = 0; id < model.Configuration.Labels.Count; id++) writer.WriteNumber(model.Configuration.Labels[id], id);
                writer.WriteEndObject();
                writer.WriteEndObject();
            }
            else
            {
                writer.WriteStartObject("embedding");
                writer.WriteString("pooling", Pooling(served));
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            writer.WriteStartArray("heads");
            foreach (var head in model.Heads) writer.WriteStringValue(head);
            writer.WriteEndArray();
            writer.WriteNumber("max_concurrent_requests", call.Options.MaxConcurrentRequests);
            writer.WriteNumber("max_input_length", lease.Pipeline.MaxLength);
            writer.WriteNumber("max_batch_tokens", model.Options.BatchTokens);
            writer.WriteNull("max_batch_requests");
            writer.WriteNumber("max_client_batch_size", call.Options.MaxTexts);
            writer.WriteBoolean("auto_truncate", lease.Pipeline.Reading.LongText == LongText.Truncate);
            writer.WriteNumber("tokenization_workers", Environment.ProcessorCount);
            writer.WriteString("version", Version);
            writer.WriteEndObject();
        });
    }

    private static string Pooling(Models.ServedModel model)
    {
        using var lease = model.Rent<TextEmbedder>();
        return System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(lease.Pipeline.Settings.Pooling.ToString());
    }
}
