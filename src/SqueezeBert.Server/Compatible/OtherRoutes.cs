using SqueezeBert.Server.Calls;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Compatible;

/// <summary>
/// Routes of text-embeddings-inference that are others by another name: `POST /` and `/invocations`, which platforms ask, do what the first
/// model is for. `/embed_sparse` is refused as it is there for a model without sparse vectors.
/// </summary>
internal static class OtherRoutes
{
    public static Task InvokeAsync(Call call)
    {
        call.Services.CheckRunning();
        var model = call.Services.Models.First().Current;
        if (!model.Heads.Contains(ClassificationRoutes.Head)) return TextEmbeddingsRoutes.EmbedAsync(call);
        return model.Configuration.Labels.Count == 1 ? ClassificationRoutes.RerankAsync(call) : ClassificationRoutes.PredictAsync(call);
    }

    public static async Task EmbedSparseAsync(Call call)
    {
        call.Services.CheckRunning();
        _ = call.NamedModel;
        _ = await call.ReadAsync().ConfigureAwait(false);
        throw new RequestException(Fault.Unsupported, "Model is not an embedding model with SPLADE pooling");
    }
}
