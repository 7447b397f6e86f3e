namespace SqueezeBert.Extensions.AI.Embeddings;

/// <summary>
/// A call was meant for one model, but another one has replaced it in the meantime. The call is repeated with the key of the new model.
/// </summary>
internal sealed class ModelChangedException()
    : InvalidOperationException("the model was replaced between the look into the cache and the computation: try again");
