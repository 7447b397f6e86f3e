namespace SqueezeBert.Models;

/// <summary>
/// The models in this package, as paths of folders that every pipeline can load: <c>TextClassifier.Load(PretrainedModels.Sentiment)</c>.
/// The build copies them beside the program, so nothing is downloaded. The model card in each folder, README.md, contains the terms of use
/// and the figures.
/// </summary>
public static class PretrainedModels
{
    private const string FolderName = "squeezebert-models";

    /// <summary>
    /// The sentiment of English sentences and reviews, with the labels <c>negative</c>, <c>neutral</c> and <c>positive</c>, in this order.
    /// Neutral texts say nothing good or bad: facts, questions, requests. The model reads up to 512 tokens at once.
    /// </summary>
    public static string Sentiment => Folder("sentiment");

    private static string Folder(string name) => Path.Combine(AppContext.BaseDirectory, FolderName, name);
}
