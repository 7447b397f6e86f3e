namespace SqueezeBert.Models;

/// <summary>
/// The sentence encoders that ship with this package, as paths of folders that pipelines load:
/// <c>TextEmbedder.Load(EmbeddingModels.English)</c>. The build copies them beside the program, so nothing is downloaded. Each folder's
/// terms and figures are in its card, README.md.
/// </summary>
public static class EmbeddingModels
{
    /// <summary>
    /// Vectors of English sentences and paragraphs for similarity and search: compare them by their cosine, as
    /// <see cref="TextEmbedding.Similarity"/> does.
    /// </summary>
    public static string English => Path.Combine(AppContext.BaseDirectory, "squeezebert-models", "embeddings");
}
