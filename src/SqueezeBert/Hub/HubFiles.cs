using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.ModelFolders;
using SqueezeBert.ModelFolders.Safetensors;
using SqueezeBert.ModelFolders.SentenceTransformers;

namespace SqueezeBert.Hub;

/// <summary>
/// Determines which files of a model are downloaded. The names are known beforehand, so that a server cannot choose paths.
/// </summary>
internal static class HubFiles
{
    public const string Vocabulary = "vocab.txt";
    public const string Tokenizer = "tokenizer.json";

    private static readonly string[] Small = [ModelConfiguration.FileName, Vocabulary, Tokenizer, "tokenizer_config.json",
        "special_tokens_map.json", "added_tokens.json", .. SentenceEncoderSettings.TransformerFiles];

    /// <summary>Returns the files of a sentence-transformers model besides those of its modules.</summary>
    public static IEnumerable<string> SentenceSettings(HubListing listing) =>
        ((string[])[SentenceEncoderSettings.ModulesFile, SentenceEncoderSettings.PromptsFile]).Where(listing.Files.ContainsKey);

    /// <summary>Returns the configuration and tokenizer files that the model has.</summary>
    /// <param name="listing">The files of the model.</param>
    /// <param name="folder">The folder of the encoder in the model: "" or "0_Transformer/".</param>
    /// <param name="isStatic">Whether the modules describe a table of static embeddings, which needs no config.json.</param>
    public static IEnumerable<string> Settings(HubListing listing, string folder, bool isStatic = false) =>
        listing.Files.ContainsKey(folder + ModelConfiguration.FileName) || isStatic
        ? Small.Select(name => folder + name).Where(listing.Files.ContainsKey)
        : throw new HubException(
            $"{listing.Model} has no {folder}{ModelConfiguration.FileName}; it is not a model in the transformers layout");

    /// <summary>Returns the preferred file of weights: a safetensors file, otherwise its index, otherwise that of PyTorch.</summary>
    public static string Weights(HubListing listing, string folder) =>
        WeightFiles.Names.Select(name => folder + name).FirstOrDefault(listing.Files.ContainsKey)
        ?? throw new HubException(
            $"{listing.Model} has no {folder}{WeightFiles.Safetensors} or {folder}{WeightFiles.PyTorch}; other kinds of weights " +
                $"({Others(listing)}) cannot be read");

    /// <summary>Returns the files that an index names. Each must be a plain file name.</summary>
    public static IEnumerable<string> Shards(string indexPath) =>
        ShardedTensors.ReadIndex(indexPath).Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    /// <summary>Returns the modules of a snapshot. The list is empty if it is not a sentence-transformers model.</summary>
    /// <exception cref="InvalidModelFileException">The list is damaged or names folders outside the model.</exception>
    public static IReadOnlyList<(string Kind, string Path)> Modules(string snapshot)
    {
        var path = Path.Combine(snapshot, SentenceEncoderSettings.ModulesFile);
        return File.Exists(path) ? SentenceModules.Parse(StrictJson.ReadFile(path, 1 << 20), path) : [];
    }

    /// <summary>Returns the folder of the encoder: "", or "0_Transformer/" if the modules say so.</summary>
    public static string EncoderFolder(IReadOnlyList<(string Kind, string Path)> modules) =>
        modules is [("Transformer" or SentenceModules.Static, { Length: > 0 } path), ..] ? path + "/" : "";

    /// <summary>Whether the encoder is a table of static embeddings.</summary>
    public static bool IsStatic(IReadOnlyList<(string Kind, string Path)> modules) => modules is [(SentenceModules.Static, _), ..];

    /// <summary>Returns the configuration files of the modules after the encoder.</summary>
    public static IEnumerable<string> ModuleSettings(IReadOnlyList<(string Kind, string Path)> modules) =>
        modules.Where(module => module.Path.Length > 0 && module.Kind is not ("Transformer" or SentenceModules.Static))
            .Select(module => $"{module.Path}/{ModelConfiguration.FileName}");

    private static string Others(HubListing listing)
    {
        var names =
            listing.Files.Keys.Where(name => Path.GetExtension(name) is ".h5" or ".msgpack" or ".onnx" or ".ot" or ".ckpt" or ".gguf")
                .Order(StringComparer.Ordinal).Take(3).ToList();
        return names.Count == 0 ? "it has none at all" : string.Join(", ", names);
    }
}
