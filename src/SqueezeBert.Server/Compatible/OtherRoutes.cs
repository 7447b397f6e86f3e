using SqueezeBert.Server.Calls;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Compatible;

/// <summary>
/// Routes of text-embeddings-inference that are others by another name: `POST /` and `/invocations`, which platforms ask, do what the first
/// model is for. `/embed_sparse` is refused as it is there for a model without sparse vectors.
/// </summary>
internal static class OtherRoutes
{
    public static ModelRequest Invoke(Call call, Fields fields)
    {
        var model = call.Services.Models.First().Current;
        if (!model.Heads.Contains(ClassificationRoutes.Head)) return TextEmbeddingsRoutes.Embed(call, fields);
        return model.Configuration.Labels.Count == 1
            ? ClassificationRoutes.Rerank(call, fields) : ClassificationRoutes.Predict(call, fields);
    }

    public static async Task EmbedSparseAsync(Call call)
    {
        call.Services.CheckRunning();
        _ = call.NamedModel;
        _ = await call.ReadAsync().ConfigureAwait(false);
        throw new RequestException(Fault.Unsupported, "Model is not an embedding model with SPLADE pooling");
    }
}
