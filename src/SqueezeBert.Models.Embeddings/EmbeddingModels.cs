namespace SqueezeBert.Models;

/// <summary>
/// The sentence encoders in this package, as paths of folders that pipelines can load: <c>TextEmbedder.Load(EmbeddingModels.English)</c>.
/// The build copies them beside the program, so nothing is downloaded. The model card in each folder, README.md, contains the terms of use
/// and the figures.
/// </summary>
public static class EmbeddingModels
{
    /// <summary>
    /// Vectors of English sentences and paragraphs for similarity and search. Compare them by cosine similarity, as
    /// <see cref="TextEmbedding.Similarity"/> does.
    /// </summary>
    public static string English => Path.Combine(AppContext.BaseDirectory, "squeezebert-models", "embeddings");
}
