namespace SqueezeBert.Training.Recipes;

/// <summary>
/// Models that a recipe names without a path, so that it means the same on every machine: "box:embeddings" and "box:sentiment", which ship
/// with the tool, and "hf:owner/name" of the hub. The tool resolves these names; the library takes folders.
/// </summary>
internal static class NamedModel
{
    /// <summary>The sentence encoder that ships with the tool.</summary>
    public const string Embeddings = "box:embeddings";

    /// <summary>The sentiment model that ships with the tool.</summary>
    public const string Sentiment = "box:sentiment";

    private const string Box = "box:";

    private static readonly string[] Schemes = [Box, "hf:"];

    /// <summary>Whether a text is written like the name of a model that ships with the tool.</summary>
    public static bool IsOfBox(string name) => name.StartsWith(Box, StringComparison.Ordinal);

    /// <summary>Whether a text is such a name.</summary>
    public static bool Is(string name) => Schemes.Any(scheme => name.StartsWith(scheme, StringComparison.Ordinal));
}
