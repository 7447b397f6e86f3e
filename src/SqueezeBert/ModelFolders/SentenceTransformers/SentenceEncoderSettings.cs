using SqueezeBert.Files;
using SqueezeBert.ModelFolders;
using SqueezeBert.ModelFolders.SentenceTransformers;

namespace SqueezeBert.Checkpoints;

/// <summary>How the hidden states of a text's tokens are combined into one vector.</summary>
public enum SentencePooling
{
    /// <summary>The mean over all tokens, including [CLS] and [SEP].</summary>
    Mean,

    /// <summary>The hidden state of the first token, [CLS].</summary>
    Cls,

    /// <summary>The maximum of each channel over all tokens.</summary>
    Max,

    /// <summary>The sum over all tokens, divided by the square root of their number.</summary>
    MeanSqrtLength,

    /// <summary>The mean over all tokens, weighted by their positions, counted from 1.</summary>
    WeightedMean,

    /// <summary>The hidden state of the last token, [SEP].</summary>
    LastToken,
}

/// <summary>
/// The settings of a sentence-transformers folder for making vectors: its modules, pooling, maximum length and prompts. Immutable.
/// </summary>
public sealed record SentenceEncoderSettings
{
    internal const string ModulesFile = "modules.json";
    internal const string PromptsFile = "config_sentence_transformers.json";
    private const int MaxBytes = 1 << 20, MaxConfigurationBytes = 16 << 20;

    /// <summary>The names of the file with the longest input. Old classes used other names than the first.</summary>
    internal static IReadOnlyList<string> TransformerFiles { get; } = ["sentence_bert_config.json", "sentence_roberta_config.json",
        "sentence_distilbert_config.json"];

    /// <summary>
    /// The folder with the encoder's config.json, weights and tokenizer, or the ONNX file that was given. The folder is the one that was
    /// given, or a folder inside it ("0_Transformer").
    /// </summary>
    public required string ModelPath { get; init; }

    /// <summary>The folder of the encoder inside that of the model. Empty if they are the same.</summary>
    internal string EncoderFolder { get; init; } = "";

    /// <summary>
    /// How the hidden states of the tokens are combined into a vector. The default is <see cref="SentencePooling.Mean"/>, which the
    /// reference also uses for a folder without modules.json.
    /// </summary>
    public SentencePooling Pooling { get; init; } = SentencePooling.Mean;

    /// <summary>Whether the tokens of a prompt are included in the pooling (default true).</summary>
    public bool PoolsPrompt { get; init; } = true;

    /// <summary>Whether vectors are divided by their length (default false).</summary>
    public bool Normalize { get; init; }

    /// <summary>
    /// The longest input in tokens, including [CLS] and [SEP]. Null means the limit of the tokenizer and of the model's positions.
    /// </summary>
    public int? MaxSequenceLength { get; init; }

    /// <summary>Whether texts are converted to lower case before tokenization, in addition to what the tokenizer does.</summary>
    public bool LowerCase { get; init; }

    /// <summary>The prompts that can be put before an input, by name ("query", "passage").</summary>
    public IReadOnlyDictionary<string, string> Prompts { get; init; } = new Dictionary<string, string>();

    /// <summary>The name of the prompt that is used if the caller gives none, or null for no prompt.</summary>
    public string? DefaultPromptName { get; init; }

    /// <summary>
    /// The name of the prompt for queries: "query" if it exists, otherwise the default prompt. encode_query of sentence-transformers makes
    /// the same choice. Documents use <see cref="DocumentPromptName"/>.
    /// </summary>
    public string? QueryPromptName => PromptOf("query");

    /// <summary>
    /// The name of the prompt for documents: the first of "document", "passage" and "corpus" that exists, otherwise the default prompt.
    /// encode_document of sentence-transformers makes the same choice.
    /// </summary>
    public string? DocumentPromptName => PromptOf("document", "passage", "corpus");

    /// <summary>
    /// How the author of the model compares vectors: "cosine", "dot", "euclidean" or "manhattan". Null if the folder does not say.
    /// </summary>
    public string? SimilarityFunction { get; init; }

    /// <summary>Whether the encoder is a table of static embeddings, which supports only the mean.</summary>
    internal bool IsStatic { get; init; }

    /// <summary>Returns whether a folder contains modules.json.</summary>
    /// <param name="folder">The path of the folder.</param>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, ModulesFile));

    /// <summary>
    /// Reads the settings of a folder. As in the reference, a folder without modules.json is an encoder with mean pooling.
    /// </summary>
    /// <param name="path">The sentence-transformers folder, or an ONNX file. The settings of an ONNX file are read from its folder.</param>
    /// <exception cref="InvalidModelFileException">
    /// The folder does not exist, a file is damaged, or a module (Dense, LSTM, CLIP, …) or pooling is not supported. The message names it.
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

    /// <summary>Reads a small JSON file. Returns null if it does not exist.</summary>
    internal static SentenceFields? Read(ModelFiles files, string name)
    {
        var path = files.PathOf(name);
        return files.Has(name) ? new SentenceFields(path, StrictJson.ParseObject(files.Read(name, MaxBytes), path)) : null;
    }

    /// <summary>
    /// Reads the settings of a static model. Its config.json says whether vectors are divided by their length. If modules.json contradicts
    /// it, the library of the model follows config.json, and so does this one.
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
