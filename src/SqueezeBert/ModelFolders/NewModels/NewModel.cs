using System.Text.Json.Nodes;
using SqueezeBert.Files;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.ModelFolders;
using SqueezeBert.ModelFolders.NewModels;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Checkpoints;

/// <summary>
/// Makes checkpoints without training: to measure speed and memory of a size without a download, or to start training from.
/// </summary>
public static class NewModel
{
    private const string FieldsFile = "fields";

    /// <summary>
    /// Names that <see cref="Configure"/> knows: sizes of the papers ("squeezebert-base", "tinybert-4"), and model types for their defaults
    /// ("bert").
    /// </summary>
    public static IReadOnlyList<string> Sizes => ModelSizes.Names;

    /// <summary>The configuration of a named size.</summary>
    /// <param name="size">One of <see cref="Sizes"/>.</param>
    /// <param name="fields">Fields of config.json that replace the size's; null: none.</param>
    /// <param name="tokenizer">Its pieces are the vocabulary's rows, unless the fields say otherwise; SqueezeBERT's are rounded up to a
    /// multiple of 8, as in the published files.</param>
    /// <exception cref="ArgumentException">There is no such size, or no such field; the message names the nearest.</exception>
    /// <exception cref="InvalidModelFileException">A field's value is of the wrong kind, out of range or does not fit the
    /// others.</exception>
    public static ModelConfiguration Configure(string size, JsonObject? fields = null, BertTokenizer? tokenizer = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(size);
        var sized = ModelSizes.Find(size);
        var json = sized.ToJson();
        if (tokenizer is { Vocabulary.Count: var pieces })
            json["vocab_size"] = RoundUp(pieces, SupportedArchitectures.Of(sized).VocabularyMultiple);
        HashSet<string> known = [.. json.Select(field => field.Key), "problem_type", "num_labels"];
        known.ExceptWith(["model_type", "true_hidden_size"]);
        foreach (var (name, value) in fields ?? [])
        {
            if (!known.Contains(name))
                throw new ArgumentException(
                    $"there is no field '{name}'; the nearest is '{NearestNames.First(name, known)}'");
            json[name] = value?.DeepClone();
        }

        // Label names of the size are not those of other labels.
        if (fields is not null && (fields.ContainsKey("id2label") || fields.ContainsKey("num_labels")))
        {
            if (!fields.ContainsKey("label2id")) json.Remove("label2id");
            if (!fields.ContainsKey("id2label")) json.Remove("id2label");
        }

        // A square embedding follows the hidden size.
        if (sized.Layout.EmbeddingSize is { Name: { } embedding, Missing: null } && fields?.ContainsKey(embedding) != true)
            json.Remove(embedding);
        return ModelConfiguration.Parse(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()), FieldsFile);
    }

    /// <summary>Writes config.json, model.safetensors and the tokenizer's files.</summary>
    /// <param name="folder">Made if need be; it must not hold a model.</param>
    /// <param name="configuration">Sizes; its architectures name the head ("BertForTokenClassification"), none means a bare
    /// encoder.</param>
    /// <param name="tokenizer">Null for a made-up vocabulary of letters and their combinations, as large as the configuration says.</param>
    /// <param name="seed">
    /// Seed of an initialisation to train from (deviation "initializer_range", biases zero, norms one). Null for values by a formula, which
    /// are spread as those of a trained model are: for measurements.
    /// </param>
    /// <param name="type"><see cref="TensorType.Float32"/>, <see cref="TensorType.Float16"/> or <see cref="TensorType.BFloat16"/>.</param>
    /// <param name="cancellationToken">Looked at between tensors; nothing is written then.</param>
    /// <exception cref="InvalidModelFileException">The configuration's values do not fit together or to the tokenizer, or the folder holds
    /// a model.</exception>
    /// <exception cref="UnsupportedModelException">The architectures name a head that is not supported.</exception>
    public static void Save(
        string folder,
        ModelConfiguration configuration,
        BertTokenizer? tokenizer = null,
        ulong? seed = null,
        TensorType type = TensorType.Float32,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.Validate(FieldsFile);
        foreach (var name in new[] { ModelConfiguration.FileName, WeightFiles.Safetensors })
        {
            if (File.Exists(Path.Combine(folder, name)))
                throw new InvalidModelFileException(folder, null, $"has a {name} already; give another folder, or delete it");
        }

        tokenizer ??= MadeUpTokenizer(configuration);
        if (tokenizer.Vocabulary.Count > configuration.VocabularySize)
            throw new InvalidModelFileException(FieldsFile, "field 'vocab_size'",
                $"is {configuration.VocabularySize}; the vocabulary has {tokenizer.Vocabulary.Count} pieces");
        if (tokenizer.PadTokenId >= 0) configuration = configuration with { PadTokenId = tokenizer.PadTokenId };
        var head = ModelGraph.HeadOf(configuration);
        if (configuration.Architectures.Count == 0)
            configuration = configuration with { Architectures = [ModelHeads.ClassName(configuration, head)] };
        IParameterSource source = seed is { } value ? new InitialParameters(value, configuration.InitializerRange)
            : FormulaParameters.For(configuration);
        ModelFolder.Save(folder, configuration, Tensors(ModelGraph.CreateWhole(configuration), source, cancellationToken), type,
            tokenizer);
    }

    private static int RoundUp(int count, int multiple) => (count + multiple - 1) / multiple * multiple;

    private static IEnumerable<NamedTensor> Tensors(Graph graph, IParameterSource source, CancellationToken cancellationToken)
    {
        foreach (var parameter in graph.Parameters)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var values = new float[parameter.Length];
            source.Read(parameter, values);
            yield return new NamedTensor(parameter.Name, parameter.Shape, values)
            {
                IsInteger = parameter.Kind == ParameterKind.RowNumber,
            };
        }
    }

    private static BertTokenizer MadeUpTokenizer(ModelConfiguration configuration)
    {
        if (configuration.VocabularySize < MadeUpVocabulary.SpecialTokens.Count)
        {
            throw new InvalidModelFileException(
                FieldsFile, "field 'vocab_size'",
                $"is {configuration.VocabularySize}; a vocabulary has at least the {MadeUpVocabulary.SpecialTokens.Count} special tokens");
        }

        return BertTokenizer.FromVocabulary(
            MadeUpVocabulary.Pieces.Take(configuration.VocabularySize),
            new BertTokenizerOptions { ModelMaxLength = configuration.MaxPositionEmbeddings });
    }
}
