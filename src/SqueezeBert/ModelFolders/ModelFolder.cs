using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using SqueezeBert.Configuration;
using SqueezeBert.Files;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.ModelFolders;
using SqueezeBert.ModelFolders.Onnx;
using SqueezeBert.ModelFolders.Onnx.Writing;
using SqueezeBert.ModelFolders.Quantization;
using SqueezeBert.ModelFolders.Tensors;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Files;

namespace SqueezeBert.Checkpoints;

/// <summary>
/// A model on disk, opened for reading: a folder in the Hugging Face layout with config.json and weights, or an ONNX file. Opening reads
/// the configuration and checks the header of the weights, or the whole graph of an ONNX file. Nothing is ever downloaded, and no code from
/// the folder is executed. Reading is thread-safe.
/// </summary>
public sealed partial class ModelFolder : IDisposable
{
    /// <summary>File names of weights that can only be read together with their folder.</summary>
    private static readonly string[] OtherWeights =
        [.. WeightFiles.Names.Where(name => name != WeightFiles.Safetensors), "model.onnx", "onnx/model.onnx"];

    private ModelFolder(string path, ModelConfiguration configuration, ITensorSource tensors)
    {
        Path = path;
        Configuration = configuration;
        Tensors = tensors;
        Weights = new ModelWeights(tensors, configuration, path);
    }

    /// <summary>The path of the folder or file, as given.</summary>
    public string Path { get; }

    /// <summary>The content of config.json. For an ONNX file without config.json, the configuration is derived from the graph.</summary>
    public ModelConfiguration Configuration { get; }

    /// <summary>
    /// The weights, under the names of the file. The weights of an ONNX file have the names of transformers. Weights that are stored as
    /// integers with scales are converted to float32.
    /// </summary>
    public ITensorSource Tensors { get; }

    /// <summary>The tensors as they are stored in the file.</summary>
    internal ITensorSource StoredTensors => Tensors is QuantizedTensors quantized ? quantized.Stored : Tensors;

    /// <summary>The weights under the names of the graphs.</summary>
    internal ModelWeights Weights { get; }

    /// <summary>Opens a model.</summary>
    /// <param name="path">
    /// The path of a model folder, of a weights file in one, or of an ONNX file. A folder without safetensors and PyTorch weights is read
    /// from model.onnx or onnx/model.onnx.
    /// </param>
    /// <exception cref="InvalidModelFileException">
    /// The folder does not exist (the message names the nearest existing ones), config.json or the weights are missing, damaged or not
    /// supported, or an ONNX file contradicts config.json.
    /// </exception>
    public static ModelFolder Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var isFile = File.Exists(path);
        if (!isFile && !Directory.Exists(path)) throw ModelPaths.NotFound(path);
        var location = ModelLocation.Of(path);
        var folder = location.Folder;
        if (location.OnnxFile is not null)
        {
            var onnx = location.OpenOnnx();
            return Own(folder, onnx.Configuration, onnx);
        }

        var hasConfiguration = File.Exists(System.IO.Path.Combine(folder, ModelConfiguration.FileName));
        if (!hasConfiguration && !WeightFiles.Names.Any(name => File.Exists(System.IO.Path.Combine(folder, name))))
            throw WithoutConfiguration(isFile ? path : folder, folder);
        var configuration = hasConfiguration
            ? ModelConfiguration.Load(ModelPaths.FileIn(folder, ModelConfiguration.FileName)) : null;
        var isWeights = isFile && System.IO.Path.GetFileName(path) != ModelConfiguration.FileName;
        var tensors = isWeights ? WeightFiles.OpenFile(path) : WeightFiles.OpenIn(folder);
        return Own(folder, configuration, tensors, () => BertTokenizer.Load(folder));
    }

    /// <summary>Opens the configuration and the safetensors weights of files in memory.</summary>
    /// <exception cref="InvalidModelFileException">A file is missing, damaged or not supported.</exception>
    internal static ModelFolder OpenFiles(ModelFiles files)
    {
        foreach (var name in (string[])[ModelConfiguration.FileName, WeightFiles.Safetensors])
        {
            if (files.Has(name)) continue;
            var other = OtherWeights.FirstOrDefault(files.Has);
            throw new InvalidModelFileException(
                files.Name, null, name == WeightFiles.Safetensors && other is not null
                    ? $"has {other} and no {name}: in memory only that is read; convert the model, or give its folder"
                    : $"has no {name}; a model in memory is {ModelConfiguration.FileName}, {WeightFiles.Safetensors} and its tokenizer",
                kind: name == WeightFiles.Safetensors && other is not null ? ErrorKind.Unsupported : ErrorKind.Missing);
        }

        var bytes = files.Read(ModelConfiguration.FileName, ModelConfiguration.MaxBytes);
        var configuration = ModelConfiguration.Parse(bytes, files.PathOf(ModelConfiguration.FileName));
        return Own(
            files.Name, configuration, SafetensorsFile.Open(files.Open(WeightFiles.Safetensors)), () => TokenizerFiles.Load(files, null));
    }

    /// <summary>Returns the folder of a model, given its path or that of a file in it.</summary>
    internal static string FolderOf(string path) => ModelLocation.Of(path).Folder;

    /// <summary>
    /// Compares the weights with the parameters that config.json describes. No elements are read. The head is the one named in
    /// "architectures".
    /// </summary>
    /// <returns>The missing, unused and ignored tensors.</returns>
    /// <exception cref="InvalidModelFileException">A tensor has another shape than its parameter.</exception>
    /// <exception cref="UnsupportedModelException">The head is not supported.</exception>
    public WeightReport CompareWeights() => Weights.Check(ModelGraph.CreateWhole(Configuration).Parameters);

    /// <summary>
    /// Looks up a parameter by its transformers name. The prefix of the base model ("transformer.", "bert.", …) is optional, and old
    /// spellings of names are accepted.
    /// </summary>
    /// <param name="name">The name of the parameter.</param>
    /// <param name="info">Receives the description of the tensor, or null if there is none.</param>
    /// <returns>Whether the parameter was found.</returns>
    public bool TryFind(string name, [NotNullWhen(true)] out TensorInfo? info) => Weights.TryFind(name, out info);

    /// <summary>
    /// Writes model.safetensors, config.json and the files of the tokenizer, in the form that transformers reads. The folder is created if
    /// necessary. Each file is replaced as a whole, so it is never left half written.
    /// </summary>
    /// <param name="folder">The folder to write to.</param>
    /// <param name="configuration">
    /// The configuration. Its architectures should name the head ("SqueezeBertForSequenceClassification").
    /// </param>
    /// <param name="tensors">Every parameter, under its transformers name. Tied parameters are given once.</param>
    /// <param name="type">
    /// The type of the stored elements: <see cref="TensorType.Float32"/>, <see cref="TensorType.Float16"/> or
    /// <see cref="TensorType.BFloat16"/>.
    /// </param>
    /// <param name="tokenizer">The tokenizer whose files are written too, or null for none.</param>
    /// <exception cref="InvalidModelFileException">The values of the configuration do not fit together.</exception>
    /// <exception cref="OverflowException">
    /// A value is outside the range of <paramref name="type"/>. The message names the tensor.
    /// </exception>
    public static void Save(
        string folder, ModelConfiguration configuration, IEnumerable<NamedTensor> tensors, TensorType type = TensorType.Float32,
        BertTokenizer? tokenizer = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        configuration.Validate(System.IO.Path.Combine(folder, ModelConfiguration.FileName));
        var writer = new SafetensorsWriter();
        foreach (var tensor in tensors) Add(writer, tensor, type);
        Write(folder, configuration, writer, type, tokenizer);
    }

    /// <summary>Writes config.json with the type and the quantization of the weights beside it.</summary>
    internal static void SaveConfiguration(
        string folder, ModelConfiguration configuration, TensorType type, JsonObject? quantization = null)
    {
        var json = configuration.ToJson();
        json[json.ContainsKey("torch_dtype") && !json.ContainsKey("dtype") ? "torch_dtype" : "dtype"] = TensorTypes.ConfigurationName(type);
        if (json.ContainsKey("embedding_dtype")) json["embedding_dtype"] = TensorTypes.ConfigurationName(type);

        // The source of the configuration may have been quantized where this is not.
        if (quantization is null) json.Remove(QuantizationSettings.Field);
        else json[QuantizationSettings.Field] = quantization;
        AtomicFile.Write(System.IO.Path.Combine(folder, ModelConfiguration.FileName), stream => StrictJson.Write(stream, json));
    }

    /// <summary>
    /// Writes the model as an ONNX file in float32, with the inputs, outputs and parameter names of transformers. The batch size and the
    /// sequence length are dynamic. For a sentence encoder, the file also computes the vectors, as "sentence_embedding" beside
    /// "token_embeddings". Each file is replaced as a whole, so it is never left half written.
    /// </summary>
    /// <param name="path">
    /// The path of the file. An existing file is replaced. config.json and the files of the tokenizer belong in the same folder.
    /// </param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between tensors, and a cancelled call writes nothing.</param>
    /// <exception cref="ArgumentException">
    /// A pooling is given for a model with a head, or a normalization is given for a model without pooling.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="InvalidModelFileException">A weight or modules.json is missing or damaged.</exception>
    /// <exception cref="UnsupportedModelException">
    /// The head is not supported, the model has named heads, or a layer has no equivalent ONNX operator.
    /// </exception>
    public void SaveOnnx(string path, OnnxOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= OnnxOptions.Default;
        var isSaid = Configuration is StaticConfiguration || SentenceEncoderSettings.Exists(Path);
        SaveOnnx(path, options, isSaid ? SentenceEncoderSettings.Load(Path) : null, cancellationToken);
    }

    /// <summary>
    /// Like the other overload, with known settings for vectors. The class of a sentence encoder may have a head, which its vectors do not
    /// need.
    /// </summary>
    internal void SaveOnnx(string path, OnnxOptions options, SentenceEncoderSettings? settings, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.OperatorSet, OnnxOptions.MinOperatorSet, nameof(options.OperatorSet));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.OperatorSet, OnnxOptions.MaxOperatorSet, nameof(options.OperatorSet));
        ArgumentOutOfRangeException.ThrowIfNegative(options.ExternalDataThreshold, nameof(options.ExternalDataThreshold));
        if (options.Pooling is { } given && !Enum.IsDefined(given))
            throw new ArgumentOutOfRangeException(nameof(options.Pooling), given, "There is no such pooling.");
        if (Configuration.NamedHeads.Count > 0)
        {
            throw new UnsupportedModelException(
                $"{Path} has heads with names ({NamedHeads.List(Configuration.NamedHeads)}), which an ONNX file cannot have; convert " +
                    "it to safetensors");
        }

        var head = settings is null ? ModelGraph.HeadOf(Configuration) : ModelHead.None;
        if (head == ModelHead.TokenClassification && Configuration.HashedNgrams is not null)
        {
            throw new UnsupportedModelException(
                $"{Path} reads the characters of words ('{HashedNgramFields.Field}'), which no ONNX operator can take from token ids; " +
                    "convert it to safetensors");
        }

        if (head != ModelHead.None && options.Pooling is not null)
        {
            throw new ArgumentException(
                $"a pooling is for encoders without a head; {Configuration.Architectures[0]} has one", nameof(options));
        }

        var sentence = (options.Pooling ?? settings?.Pooling) is { } pooling
            ? new SentenceOutput(pooling, options.Normalize ?? settings?.Normalize ?? false) : null;
        if (sentence is null && options.Normalize == true)
            throw new ArgumentException("there is no vector to normalize: give a pooling, or leave the normalization out", nameof(options));
        var hasPooler = head != ModelHead.None || (sentence is null && TryFind("pooler.dense.weight", out _));
        var graph = ModelGraph.Create(Configuration, head, RowSet.Tokens, hasPooler: hasPooler);
        Weights.Require(graph.Parameters);
        var threshold = Math.Min(options.ExternalDataThreshold, int.MaxValue);
        OnnxExport.Make(graph, Weights, OnnxExport.OutputsOf(graph), options.OperatorSet, sentence)
            .Save(path, threshold, cancellationToken);
    }

    /// <summary>Closes the file of the weights.</summary>
    public void Dispose() => Tensors.Dispose();

    private static void Add(SafetensorsWriter writer, NamedTensor tensor, TensorType type)
    {
        if (tensor.IsInteger) writer.Add(tensor.Name, tensor.Shape, Array.ConvertAll(tensor.Data.ToArray(), value => (long)value));
        else writer.Add(tensor.Name, tensor.Shape, tensor.Data, type);
    }

    private static void Write(
        string folder, ModelConfiguration configuration, SafetensorsWriter writer, TensorType type, BertTokenizer? tokenizer,
        JsonObject? quantization = null)
    {
        writer.Save(System.IO.Path.Combine(folder, WeightFiles.Safetensors));
        tokenizer?.Save(folder);
        SaveConfiguration(folder, configuration, type, quantization);
    }

    private static InvalidModelFileException WithoutConfiguration(string path, string folder)
    {
        ModelPaths.RequireListable(folder);
        return new InvalidModelFileException(path, null,
            $"{(path == folder ? "has" : "is no weights of a model: beside it is")} no {ModelConfiguration.FileName}; a model's folder " +
                $"holds {ModelConfiguration.FileName} and {WeightFiles.Safetensors}");
    }

    /// <summary>Only static embeddings can be opened without a config.json, because their table contains everything.</summary>
    private static ModelFolder Own(
        string folder, ModelConfiguration? configuration, ITensorSource tensors, Func<BertTokenizer>? loadTokenizer = null)
    {
        try
        {
            if (tensors is not OnnxModel)
            {
                tensors = QuantizedTensors.Wrap(
                    tensors, configuration?.Source?[QuantizationSettings.Field],
                    System.IO.Path.Combine(folder, ModelConfiguration.FileName), folder);
            }

            if (configuration is null && !StaticTables.IsTable(tensors)) throw WithoutConfiguration(folder, folder);
            return new ModelFolder(folder, configuration switch
            {
                null => StaticTables.Describe(tensors, folder),
                StaticConfiguration known => StaticTables.Complete(known, tensors, folder),
                _ when loadTokenizer is null => configuration,
                _ => configuration.WithPieces(VocabularyPieces.Of(folder, loadTokenizer)),
            }, tensors);
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }
}
