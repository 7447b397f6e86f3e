using SqueezeBert.Files;
using SqueezeBert.ModelFolders;
using SqueezeBert.ModelFolders.SentenceTransformers;

namespace SqueezeBert.Checkpoints;

/// <summary>How the hidden states of a text's tokens become one vector.</summary>
public enum SentencePooling
{
    /// <summary>The mean over the tokens, [CLS] and [SEP] included.</summary>
    Mean,

    /// <summary>The first token's, [CLS].</summary>
    Cls,

    /// <summary>The largest of each channel over the tokens.</summary>
    Max,

    /// <summary>The sum over the tokens, divided by the square root of their number.</summary>
    MeanSqrtLength,

    /// <summary>The mean weighted by the tokens' positions, which count from 1.</summary>
    WeightedMean,

    /// <summary>The last token's, [SEP].</summary>
    LastToken,
}

/// <summary>
/// What a sentence-transformers folder says about making vectors of texts: modules.json, the pooling's configuration, the longest text,
/// prompts. Immutable.
/// </summary>
public sealed record SentenceEncoderSettings
{
    internal const string ModulesFile = "modules.json";
    internal const string PromptsFile = "config_sentence_transformers.json";
    private const int MaxBytes = 1 << 20, MaxConfigurationBytes = 16 << 20;

    /// <summary>Old classes used other names than the first.</summary>
    internal static IReadOnlyList<string> TransformerFiles { get; } = ["sentence_bert_config.json", "sentence_roberta_config.json",
        "sentence_distilbert_config.json"];

    /// <summary>
    /// The folder with the encoder's config.json, weights and tokenizer: the one that was given, or a folder in it ("0_Transformer"); or
    /// the ONNX file that was given.
    /// </summary>
    public required string ModelPath { get; init; }

    /// <summary>The encoder's folder in that of the model; empty where they are one.</summary>
    internal string EncoderFolder { get; init; } = "";

    /// <summary>
    /// How tokens become a vector. <see cref="SentencePooling.Mean"/> where the folder has no modules.json, as the reference does.
    /// </summary>
    public SentencePooling Pooling { get; init; } = SentencePooling.Mean;

    /// <summary>Whether the tokens of a prompt take part in the pooling.</summary>
    public bool PoolsPrompt { get; init; } = true;

    /// <summary>Whether vectors are divided by their length.</summary>
    public bool Normalize { get; init; }

    /// <summary>Longest input in tokens, [CLS] and [SEP] included; null: as the tokenizer and the model's positions allow.</summary>
    public int? MaxSequenceLength { get; init; }

    /// <summary>Whether a text is put in lower case before it is tokenized, whatever the tokenizer does.</summary>
    public bool LowerCase { get; init; }

    /// <summary>Texts to put before an input by their name: "query", "passage".</summary>
    public IReadOnlyDictionary<string, string> Prompts { get; init; } = new Dictionary<string, string>();

    /// <summary>The prompt that is used where the caller names none; null: none.</summary>
    public string? DefaultPromptName { get; init; }

    /// <summary>
    /// The prompt for what is searched for: "query" where there is one, else the default. Documents are put in with
    /// <see cref="DocumentPromptName"/>, as encode_query and encode_document of sentence-transformers do.
    /// </summary>
    public string? QueryPromptName => PromptOf("query");

    /// <summary>The prompt for what is found: "document", "passage" or "corpus", the first that there is, else the default.</summary>
    public string? DocumentPromptName => PromptOf("document", "passage", "corpus");

    /// <summary>How the model's author compares vectors: "cosine", "dot", "euclidean", "manhattan"; null where nothing is said.</summary>
    public string? SimilarityFunction { get; init; }

    /// <summary>Whether the encoder is a table of static embeddings, of which only the mean is made.</summary>
    internal bool IsStatic { get; init; }

    /// <summary>Whether a folder has a modules.json.</summary>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, ModulesFile));

    /// <summary>
    /// Reads the settings of a folder. One without modules.json is an encoder with mean pooling, as the reference has it.
    /// </summary>
    /// <param name="path">The sentence-transformers folder, or an ONNX file: the settings are those beside it.</param>
    /// <exception cref="InvalidModelFileException">
    /// There is no such folder, a file is damaged, or a module (Dense, LSTM, CLIP, …) or a pooling is not supported: the message names it.
    /// </exception>
    public static SentenceEncoderSettings Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var isFile = File.Exists(path);
        if (isFile && !ModelLocation.IsOnnx(path))
            throw new InvalidModelFileException(path, null, "is a file; vectors of texts need the model's folder or its ONNX file");
        if (!isFile && !Directory.Exists(path)) throw ModelPaths.NotFound(path);
        var folder = ModelLocation.Of(path).Folder;
        var settings = Load(ModelFiles.Of(folder));
        return isFile ? settings with { ModelPath = path } : settings;
    }

    /// <summary>Reads the settings of a model's files.</summary>
    internal static SentenceEncoderSettings Load(ModelFiles files)
    {
        var settings = new SentenceEncoderSettings { ModelPath = files.Name };
        if (files.Has(ModulesFile)) settings = SentenceModules.Read(files, settings);
        var encoder = files.In(settings.EncoderFolder);
        return ReadPrompts(files, ReadTransformer(encoder, ReadStatic(encoder, settings)));
    }

    /// <summary>Reads a small JSON file; null if it is not there.</summary>
    internal static SentenceFields? Read(ModelFiles files, string name)
    {
        var path = files.PathOf(name);
        return files.Has(name) ? new SentenceFields(path, StrictJson.ParseObject(files.Read(name, MaxBytes), path)) : null;
    }

    /// <summary>
    /// A static model's config.json says itself whether vectors are divided by their length. Where modules.json says something else, its
    /// own library follows config.json, and so does this one.
    /// </summary>
    private static SentenceEncoderSettings ReadStatic(ModelFiles files, SentenceEncoderSettings settings)
    {
        const string Name = ModelConfiguration.FileName;
        if (!files.Has(Name) || (files.Has(ModulesFile) && !settings.IsStatic)) return settings;
        var fields = new SentenceFields(
            files.PathOf(Name), StrictJson.ParseObject(files.Read(Name, MaxConfigurationBytes), files.PathOf(Name)));
        if (fields.Text("model_type") != StaticConfiguration.Fields.ModelType) return settings;
        return settings with
        {
            IsStatic = true,
            Normalize = fields.Flag(StaticConfiguration.NormalizeField) ?? settings.Normalize,
        };
    }

    private string? PromptOf(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Prompts.ContainsKey(name)) return name;
        }

        return DefaultPromptName;
    }

    private static SentenceEncoderSettings ReadTransformer(ModelFiles files, SentenceEncoderSettings settings)
    {
        foreach (var name in TransformerFiles)
        {
            if (Read(files, name) is { } fields)
                return settings with
                {
                    MaxSequenceLength = fields.Length("max_seq_length"),
                    LowerCase = fields.Flag("do_lower_case") ?? false
                };
        }

        return settings;
    }

    private static SentenceEncoderSettings ReadPrompts(ModelFiles files, SentenceEncoderSettings settings)
    {
        if (Read(files, PromptsFile) is not { } fields) return settings;
        var prompts = fields.Texts("prompts");
        var name = fields.Text("default_prompt_name");
        if (name is not null && !prompts.ContainsKey(name))
            throw fields.Error("default_prompt_name", $"is '{name}', which is none of the prompts");
        return settings with { Prompts = prompts, DefaultPromptName = name, SimilarityFunction = fields.Text("similarity_fn_name") };
    }
}
