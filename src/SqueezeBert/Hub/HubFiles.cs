using SqueezeBert.Checkpoints;

namespace SqueezeBert.Hub;

/// <summary>Which files of a model are fetched: by names that are known beforehand, so that a server's list cannot make up paths.</summary>
internal static class HubFiles
{
    public const string Vocabulary = "vocab.txt";
    public const string Tokenizer = "tokenizer.json";

    private static readonly string[] Small =
    [
        ModelConfiguration.FileName, Vocabulary, Tokenizer, "tokenizer_config.json", "special_tokens_map.json",
        SentenceEncoderSettings.ModulesFile, SentenceEncoderSettings.PromptsFile, .. SentenceEncoderSettings.TransformerFiles,
    ];

    /// <summary>Configuration and tokenizer, as far as the model has them.</summary>
    public static IEnumerable<string> Settings(HubListing listing)
    {
        if (!listing.Files.ContainsKey(ModelConfiguration.FileName)) throw new HubException($"{listing.Model} has no {ModelConfiguration.FileName}; it is not a model in the transformers layout");
        return Small.Where(listing.Files.ContainsKey);
    }

    /// <summary>The file of the weights that is preferred: one of safetensors, else its index, else PyTorch's.</summary>
    public static string Weights(HubListing listing) => WeightFiles.Names.FirstOrDefault(listing.Files.ContainsKey)
        ?? throw new HubException($"{listing.Model} has no {WeightFiles.Safetensors} or {WeightFiles.PyTorch}; other kinds of weights ({Others(listing)}) cannot be read");

    /// <summary>The files that an index names, checked to be plain names.</summary>
    public static IEnumerable<string> Shards(string indexPath) =>
        ShardedTensors.ReadIndex(indexPath).Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    /// <summary>The configuration files of the modules that a modules.json names.</summary>
    public static IEnumerable<string> ModuleSettings(HubListing listing, string modulesPath) =>
        SentenceModules.Parse(StrictJson.ReadFile(modulesPath, 1 << 20), modulesPath)
            .Where(module => module.Path.Length > 0)
            .Select(module => $"{module.Path}/{ModelConfiguration.FileName}")
            .Where(listing.Files.ContainsKey);

    private static string Others(HubListing listing)
    {
        var names = listing.Files.Keys.Where(name => Path.GetExtension(name) is ".h5" or ".msgpack" or ".onnx" or ".ot" or ".ckpt" or ".gguf").Order(StringComparer.Ordinal).Take(3).ToList();
        return names.Count == 0 ? "it has none at all" : string.Join(", ", names);
    }
}
