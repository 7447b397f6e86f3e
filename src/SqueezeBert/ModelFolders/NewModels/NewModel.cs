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
/// Creates checkpoints with initial weights, as a starting point for training or to measure the speed and memory of a size without a
/// download.
/// </summary>
public static class NewModel
{
    private const string FieldsFile = "fields";

    /// <summary>
    /// The names that <see cref="Configure"/> accepts: sizes of the papers ("squeezebert-base", "tinybert-4"), and model types with their
    /// default sizes ("bert").
    /// </summary>
    public static IReadOnlyList<string> Sizes => ModelSizes.Names;

    /// <summary>Creates the configuration of a named size.</summary>
    /// <param name="size">One of <see cref="Sizes"/>.</param>
    /// <param name="fields">Fields of config.json that replace those of the size, or null for none.</param>
    /// <param name="tokenizer">
    /// The tokenizer whose number of tokens becomes the vocabulary size, unless <paramref name="fields"/> has one. For SqueezeBERT the
    /// number is rounded up to a multiple of 8, as in the published files.
    /// </param>
    /// <exception cref="ArgumentException">There is no such size or field. The message names the nearest ones.</exception>
    /// <exception cref="InvalidModelFileException">
    /// The value of a field has the wrong type, is out of range, or does not fit the other fields.
    /// </exception>
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

    /// <summary>Writes config.json, model.safetensors and the files of the tokenizer.</summary>
    /// <param name="folder">The folder to write to, which is created if necessary. It must not contain a model.</param>
    /// <param name="configuration">
    /// The sizes of the model. Its architectures name the head ("BertForTokenClassification"); without architectures, the model is a bare
    /// encoder.
    /// </param>
    /// <param name="tokenizer">
    /// The tokenizer. Null creates an artificial vocabulary of letters and their combinations, in the size that the configuration gives.
    /// </param>
    /// <param name="seed">
    /// The seed of an initialization for training: the standard deviation is "initializer_range", biases are zero, and layer norm weights
    /// are one. Null uses a fixed formula whose values are distributed like those of a trained model, for measurements.
    /// </param>
    /// <param name="type">
    /// The type of the stored elements: <see cref="TensorType.Float32"/>, <see cref="TensorType.Float16"/> or
    /// <see cref="TensorType.BFloat16"/>.
    /// </param>
    /// <param name="cancellationToken">Cancels the call. It is checked between tensors, and a cancelled call writes nothing.</param>
    /// <exception cref="InvalidModelFileException">
    /// The values of the configuration do not fit together or do not fit the tokenizer, or the folder contains a model.
    /// </exception>
    /// <exception cref="UnsupportedModelException">The architectures name a head that is not supported.</exception>
    public static void Save(
        string folder,
        ModelConfiguration configuration,
        BertTokenizer? tokenizer = null,
        ulong? seed = null,
        TensorType type = TensorType.Float32,
        CancellationToken cancellationToken = default) => Save(folder, configuration, tokenizer, null, seed, type, cancellationToken);

    /// <summary>
    /// Like <see cref="Save(string, ModelConfiguration, BertTokenizer?, ulong?, TensorType, CancellationToken)"/>, with the vocabulary and
    /// the embeddings of a saved model: every tensor below "embeddings." that it has under the same name with the same shape. If the new
    /// model's word embeddings are narrower, they are the first principal components, and the projection behind a factorized embedding
    /// begins as the way back. A student that begins with its teacher's words learns much faster than one that begins with none (HPD, Zhao
    /// et al., 2022).
    /// </summary>
    /// <param name="folder">The folder to write to, which is created if necessary. It must not contain a model.</param>
    /// <param name="configuration">The sizes of the model. Its word embeddings are no wider than those of the saved model.</param>
    /// <param name="embeddings">The saved model. It need not have the same architecture.</param>
    /// <param name="seed">The seed of all other values, or null for a fixed formula.</param>
    /// <param name="type">The type of the stored elements, as for the other overload.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between tensors, and a cancelled call writes nothing.</param>
    /// <exception cref="InvalidModelFileException">
    /// The word embeddings of the new model are wider than those of the saved one, the saved model has no tokenizer, the values of the
    /// configuration do not fit together, or the folder contains a model.
    /// </exception>
    /// <exception cref="UnsupportedModelException">The architectures name a head that is not supported.</exception>
    public static void Save(
        string folder,
        ModelConfiguration configuration,
        ModelFolder embeddings,
        ulong? seed,
        TensorType type,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        Save(folder, configuration, BertTokenizer.Load(embeddings.Path), embeddings, seed, type, cancellationToken);
    }

    private static void Save(
        string folder,
        ModelConfiguration configuration,
        BertTokenizer? tokenizer,
        ModelFolder? embeddings,
        ulong? seed,
        TensorType type,
        CancellationToken cancellationToken)
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
        var graph = ModelGraph.CreateWhole(configuration);
        if (embeddings is not null) source = new CopiedEmbeddings(embeddings, configuration, graph, source, cancellationToken);
        ModelFolder.Save(folder, configuration, Tensors(graph, source, cancellationToken), type, tokenizer);
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
