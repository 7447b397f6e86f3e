namespace SqueezeBert.Models;

/// <summary>
/// The models that ship with this package, as paths of folders that every pipeline loads:
/// <c>TextClassifier.Load(PretrainedModels.Sentiment)</c>. The build copies them beside the program, so nothing is downloaded. Each
/// folder's terms and figures are in its card, README.md.
/// </summary>
public static class PretrainedModels
{
    private const string FolderName = "squeezebert-models";

    /// <summary>English sentiment of sentences and reviews: labels <c>negative</c> and <c>positive</c>, up to 256 tokens at once.</summary>
    public static string Sentiment => Folder("sentiment");

    private static string Folder(string name) => Path.Combine(AppContext.BaseDirectory, FolderName, name);
}
