namespace SqueezeBert.Extensions.AI.Embeddings;

/// <summary>
/// A call was for one model, and another one has taken its place meanwhile: the call is made again, under the other's key.
/// </summary>
internal sealed class ModelChangedException()
    : InvalidOperationException("the model was replaced between the look into the cache and the computation: try again");
