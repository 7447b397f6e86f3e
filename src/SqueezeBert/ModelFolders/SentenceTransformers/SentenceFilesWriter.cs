using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.ModelFolders.SentenceTransformers;

/// <summary>Writes the files of a sentence-transformers folder from settings, like the reference.</summary>
internal static class SentenceFilesWriter
{
    private const string PoolingFolder = "1_Pooling";
    private const int MaxBytes = 1 << 20;

    /// <summary>
    /// Writes modules.json, the configuration of the pooling, and the folder of the normalization. The encoder is in the main folder.
    /// </summary>
    public static void WriteModules(string folder, SentenceEncoderSettings settings, int width)
    {
        if (settings.IsStatic)
        {
            WriteStaticModules(folder, settings);
            return;
        }

        var modules = new JsonArray(Module(0, "", "Transformer"), Module(1, PoolingFolder, "Pooling"));
        var pooling = new JsonObject { ["word_embedding_dimension"] = width };
        foreach (var (field, kind) in SentenceModules.Poolings) pooling[field] = kind == settings.Pooling;
        pooling["include_prompt"] = settings.PoolsPrompt;
        Write(Path.Combine(folder, PoolingFolder, ModelConfiguration.FileName), pooling);
        if (settings.Normalize) AddNormalize(folder, modules);
        Write(Path.Combine(folder, SentenceEncoderSettings.ModulesFile), modules);
    }

    /// <summary>Writes the modules like Model2Vec: the table in the main folder, and optionally a normalization.</summary>
    private static void WriteStaticModules(string folder, SentenceEncoderSettings settings)
    {
        var modules = new JsonArray(Module(0, ".", SentenceModules.Static));
        if (settings.Normalize) AddNormalize(folder, modules);
        Write(Path.Combine(folder, SentenceEncoderSettings.ModulesFile), modules);
    }

    /// <summary>Adds a normalization. The reference also creates its folder, although a normalization has nothing to save.</summary>
    private static void AddNormalize(string folder, JsonArray modules)
    {
        var path = $"{modules.Count}_Normalize";
        FileProblem.MakeFolder(Path.Combine(folder, path));
        modules.Add((JsonNode)Module(modules.Count, path, "Normalize"));
    }

    /// <summary>
    /// Writes the longest input, to the file of the folder that contains it or to the one that the reference writes today.
    /// </summary>
    public static void WriteLength(string folder, string? name, SentenceEncoderSettings settings)
    {
        var path = Path.Combine(folder, Path.GetFileName(name) ?? SentenceEncoderSettings.TransformerFiles[0]);
        var json = Read(path);
        json["max_seq_length"] = settings.MaxSequenceLength;
        if (!json.ContainsKey("do_lower_case")) json["do_lower_case"] = settings.LowerCase;
        Write(path, json);
    }

    /// <summary>Writes the prompts and the name of the default prompt. Other fields of the file are kept.</summary>
    public static void WritePrompts(string folder, SentenceEncoderSettings settings)
    {
        var path = Path.Combine(folder, SentenceEncoderSettings.PromptsFile);
        var json = Read(path);
        json["prompts"] = new JsonObject(settings.Prompts.Select(
            prompt => KeyValuePair.Create(prompt.Key, (JsonNode?)JsonValue.Create(prompt.Value))));
        json["default_prompt_name"] = settings.DefaultPromptName;
        Write(path, json);
    }

    private static JsonObject Module(int index, string path, string kind) => new()
    {
        ["idx"] = index,
        ["name"] = index.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["path"] = path,
        ["type"] = $"sentence_transformers.models.{kind}",
    };

    private static JsonObject Read(string path) =>
        File.Exists(path) ? StrictJson.ParseObject(StrictJson.ReadFile(path, MaxBytes), path) : [];

    private static void Write(string path, JsonNode json) => AtomicFile.Write(path, stream => StrictJson.Write(stream, json));
}
