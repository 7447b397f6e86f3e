namespace SqueezeBert.Models;

/// <summary>
/// The models for intents and slots in this package, as paths of folders that pipelines can load. The build copies them beside the program,
/// so nothing is downloaded. The model card in each folder, README.md, contains the terms of use and the figures.
/// </summary>
public static class AssistantModels
{
    /// <summary>
    /// Intents and slots of everyday English requests: the intents of SNIPS and CLINC150, with out-of-scope requests, and the slots of
    /// SNIPS. The model card describes its heads.
    /// </summary>
    public static string English => Path.Combine(AppContext.BaseDirectory, "squeezebert-models", "assistant");
}
