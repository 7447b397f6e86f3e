namespace SqueezeBert.Models;

/// <summary>
/// The models of intents and slots that ship with this package, as paths of folders that pipelines load. The build copies them beside the
/// program, so nothing is downloaded. Each folder's terms and figures are in its card, README.md.
/// </summary>
public static class AssistantModels
{
    /// <summary>
    /// What everyday English requests ask for: intents of SNIPS and CLINC150, with requests out of scope, and SNIPS' slots. Its heads are
    /// in its card.
    /// </summary>
    public static string English => Path.Combine(AppContext.BaseDirectory, "squeezebert-models", "assistant");
}
