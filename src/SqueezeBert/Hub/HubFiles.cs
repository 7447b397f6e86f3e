using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.ModelFolders;
using SqueezeBert.ModelFolders.Safetensors;
using SqueezeBert.ModelFolders.SentenceTransformers;

namespace SqueezeBert.Hub;

/// <summary>Which files of a model are fetched: by names that are known beforehand, so that a server's list cannot make up paths.</summary>
internal static class HubFiles
{
    public const string Vocabulary = "vocab.txt";
    public const string Tokenizer = "tokenizer.json";

    private static readonly string[] Small = [ModelConfiguration.FileName, Vocabulary, Tokenizer, "tokenizer_config.json",
        "special_tokens_map.json", "added_tokens.json", .. SentenceEncoderSettings.TransformerFiles];

    /// <summary>What a sentence-transformers model has beside its modules.</summary>
    public static IEnumerable<string> SentenceSettings(HubListing listing) =>
        ((string[])[SentenceEncoderSettings.ModulesFile, SentenceEncoderSettings.PromptsFile]).Where(listing.Files.ContainsKey);

    /// <summary>Configuration and tokenizer, as far as the model has them.</summary>
    /// <param name="listing">What there is.</param>
    /// <param name="folder">The encoder's folder in the model: "" or "0_Transformer/".</param>
    /// <param name="isStatic">Whether the modules say that it is a table of static embeddings, which needs no config.json.</param>
    public static IEnumerable<string> Settings(HubListing listing, string folder, bool isStatic = false) =>
        listing.Files.ContainsKey(folder + ModelConfiguration.FileName) || isStatic
        ? Small.Select(name => folder + name).Where(listing.Files.ContainsKey)
        : throw new HubException(
            $"{listing.Model} has no {folder}{ModelConfiguration.FileName}; it is not a model in the transformers layout");

    /// <summary>The file of the weights that is preferred: one of safetensors, else its index, else PyTorch's.</summary>
    public static string Weights(HubListing listing, string folder) =>
        WeightFiles.Names.Select(name => folder + name).FirstOrDefault(listing.Files.ContainsKey)
        ?? throw new HubException(
            $"{listing.Model} has no {folder}{WeightFiles.Safetensors} or {folder}{WeightFiles.PyTorch}; other kinds of weights " +
                $"({Others(listing)}) cannot be read");

    /// <summary>The files that an index names, checked to be plain names.</summary>
    public static IEnumerable<string> Shards(string indexPath) =>
        ShardedTensors.ReadIndex(indexPath).Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    /// <summary>The modules of a snapshot; none if it is not of sentence-transformers.</summary>
    /// <exception cref="InvalidModelFileException">The list is damaged or names folders elsewhere.</exception>
    public static IReadOnlyList<(string Kind, string Path)> Modules(string snapshot)
    {
        var path = Path.Combine(snapshot, SentenceEncoderSettings.ModulesFile);
        return File.Exists(path) ? SentenceModules.Parse(StrictJson.ReadFile(path, 1 << 20), path) : [];
    }

    /// <summary>The folder of the encoder: "", or "0_Transformer/" where the modules say so.</summary>
    public static string EncoderFolder(IReadOnlyList<(string Kind, string Path)> modules) =>
        modules is [("Transformer" or SentenceModules.Static, { Length: > 0 } path), ..] ? path + "/" : "";

    /// <summary>Whether the encoder is a table of static embeddings.</summary>
    public static bool IsStatic(IReadOnlyList<(string Kind, string Path)> modules) => modules is [(SentenceModules.Static, _), ..];

    /// <summary>The configuration files of the modules behind the encoder.</summary>
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
