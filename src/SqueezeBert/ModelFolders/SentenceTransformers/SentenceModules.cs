using System.Text.Json;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.ModelFolders.SentenceTransformers;

/// <summary>
/// The content of modules.json: the encoder, its pooling and optionally a normalization, in this order. Other modules would give other
/// vectors and are refused by name.
/// </summary>
internal static class SentenceModules
{
    private const int MaxBytes = 1 << 20;
    private const string Supported =
        "supported are Transformer, Pooling and Normalize, or StaticEmbedding and Normalize, in this order";

    /// <summary>The kind of module for a table of static embeddings.</summary>
    internal const string Static = "StaticEmbedding";

    /// <summary>The fields of a pooling's configuration, with the pooling that each selects.</summary>
    internal static readonly (string Field, SentencePooling Pooling)[] Poolings =
    [
        ("pooling_mode_cls_token", SentencePooling.Cls),
        ("pooling_mode_max_tokens", SentencePooling.Max),
        ("pooling_mode_mean_tokens", SentencePooling.Mean),
        ("pooling_mode_mean_sqrt_len_tokens", SentencePooling.MeanSqrtLength),
        ("pooling_mode_weightedmean_tokens", SentencePooling.WeightedMean),
        ("pooling_mode_lasttoken", SentencePooling.LastToken),
    ];

    public static SentenceEncoderSettings Read(ModelFiles files, SentenceEncoderSettings settings)
    {
        var file = files.PathOf(SentenceEncoderSettings.ModulesFile);
        var modules = Parse(files.Read(SentenceEncoderSettings.ModulesFile, MaxBytes), file);
        var kinds = modules.Select(module => module.Kind).ToList();
        if (kinds is [Static] or [Static, "Normalize"])
        {
            return settings with
            {
                ModelPath = files.In(modules[0].Path).Name,
                EncoderFolder = modules[0].Path,
                IsStatic = true,
                Normalize = kinds.Count == 2,
            };
        }

        if (kinds is not (["Transformer", "Pooling"] or ["Transformer", "Pooling", "Normalize"]))
        {
            var other = kinds.FirstOrDefault(kind => kind is not ("Transformer" or "Pooling" or "Normalize" or Static));
            throw new InvalidModelFileException(
                file, null, other is null ? $"has the modules {string.Join(", ", kinds)}; {Supported}"
                    : $"module '{other}' is not supported, and without it the vectors would be others; {Supported}");
        }

        var (pooling, poolsPrompt) = ReadPooling(files, modules[1].Path, file);
        return settings with
        {
            ModelPath = files.In(modules[0].Path).Name,
            EncoderFolder = modules[0].Path,
            Pooling = pooling,
            PoolsPrompt = poolsPrompt,
            Normalize = kinds.Count == 3,
        };
    }

    /// <summary>Returns the kinds of the modules (the last part of the class name) and their folders, in order.</summary>
    internal static List<(string Kind, string Path)> Parse(ReadOnlySpan<byte> utf8, string file)
    {
        // The file is a list; the strict reader reads objects.
        byte[] wrapped = [.. "{\"modules\":"u8, .. utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8, .. "}"u8];
        if (StrictJson.ParseObject(wrapped, file) is not { Count: 1 } root || root["modules"] is not JsonArray list
            || list.Count is 0 or > 16)
            throw new InvalidModelFileException(file, null, "is not a list of 1 to 16 modules");
        return [.. list.Select(item => Module(item, file))];
    }

    private static (string Kind, string Path) Module(JsonNode? item, string file)
    {
        if (item is not JsonObject module || Text(module, "type") is not { } type || Text(module, "path") is not { } path)
            throw new InvalidModelFileException(file, null, "has a module without 'type' and 'path'");

        // Model2Vec's way to name the folder itself.
        if (path == ".") path = "";
        if (path.Length > 0 && !ModelPaths.IsPlainFileName(path))
            throw new InvalidModelFileException(file, null, $"'{path}' is not the plain name of a folder in the model's folder");

        // A class of the author's own would be code to run.
        return (type.StartsWith("sentence_transformers.", StringComparison.Ordinal) ? type[(type.LastIndexOf('.') + 1)..] : type, path);
    }

    private static string? Text(JsonObject json, string name) =>
        json[name]?.GetValueKind() == JsonValueKind.String ? json[name]!.GetValue<string>() : null;

    private static (SentencePooling Pooling, bool PoolsPrompt) ReadPooling(ModelFiles files, string path, string modulesFile)
    {
        var name = Path.Combine(path, ModelConfiguration.FileName);
        if (path.Length == 0 || SentenceEncoderSettings.Read(files, name) is not { } fields)
            throw new InvalidModelFileException(modulesFile, null, $"has a pooling without its configuration, {name}");
        const string Mean = "pooling_mode_mean_tokens";
        var poolings = Poolings.Where(pooling => fields.Flag(pooling.Field) ?? false).Select(pooling => pooling.Pooling).ToList();
        if (fields.Items("pooling_mode") is { } modes)
            poolings = [.. modes.Select(mode => Named(mode) ?? throw fields.Error("pooling_mode", $"'{mode}' is not supported"))];
        else if (!fields.Has(Mean) && poolings.Count == 0)
            poolings.Add(SentencePooling.Mean);
        else if (!fields.Has(Mean))
            throw fields.Error(Mean,
                $"is missing beside {poolings[0]}: versions of the reference differ on whether the mean is added; say true or false");
        return poolings.Count switch
        {
            1 => (poolings[0], fields.Has("include_prompt") ? fields.Flag("include_prompt") ?? false : true),
            0 => throw fields.Error("pooling_mode_mean_tokens", "no pooling is chosen"),
            _ => throw fields.Error("pooling_mode_mean_tokens",
                $"several poolings at once are not supported: {string.Join(", ", poolings)}"),
        };
    }

    private static SentencePooling? Named(string mode) => mode switch
    {
        "cls" => SentencePooling.Cls,
        "max" => SentencePooling.Max,
        "mean" => SentencePooling.Mean,
        "mean_sqrt_len_tokens" => SentencePooling.MeanSqrtLength,
        "weightedmean" => SentencePooling.WeightedMean,
        "lasttoken" => SentencePooling.LastToken,
        _ => null,
    };
}
