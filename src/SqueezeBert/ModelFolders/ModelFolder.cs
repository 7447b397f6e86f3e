using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using SqueezeBert.Files;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Kernels;
using SqueezeBert.ModelFolders;
using SqueezeBert.ModelFolders.Onnx;
using SqueezeBert.ModelFolders.Quantization;
using SqueezeBert.ModelFolders.Tensors;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Checkpoints;

/// <summary>
/// A model in the Hugging Face layout, a folder with config.json and weights, or an ONNX file. Opening reads the configuration and checks
/// the weight file's header, or the whole graph of an ONNX file; nothing is ever downloaded and no code of a folder is run. Reading is
/// thread-safe.
/// </summary>
public sealed class ModelFolder : IDisposable
{
    /// <summary>Weights that are read from a folder only.</summary>
    private static readonly string[] OtherWeights =
        [.. WeightFiles.Names.Where(name => name != WeightFiles.Safetensors), "model.onnx", "onnx/model.onnx"];

    private ModelFolder(string path, ModelConfiguration configuration, ITensorSource tensors)
    {
        Path = path;
        Configuration = configuration;
        Tensors = tensors;
        Weights = new ModelWeights(tensors, configuration, path);
    }

    /// <summary>The folder, as given.</summary>
    public string Path { get; }

    /// <summary>The content of config.json; of an ONNX file without one, what its graph says.</summary>
    public ModelConfiguration Configuration { get; }

    /// <summary>
    /// The weights under the names that the file uses; those of an ONNX file under the names of transformers. A weight that is stored as
    /// integers and scales is the numbers that they stand for, in float32.
    /// </summary>
    public ITensorSource Tensors { get; }

    /// <summary>The tensors as the file holds them.</summary>
    internal ITensorSource StoredTensors => Tensors is QuantizedTensors quantized ? quantized.Stored : Tensors;

    /// <summary>The weights under the names that the graphs use.</summary>
    internal ModelWeights Weights { get; }

    /// <summary>Opens a model.</summary>
    /// <param name="path">
    /// The folder, or a file of weights in it, or an ONNX file. A folder without safetensors and PyTorch weights is read from model.onnx or
    /// onnx/model.onnx.
    /// </param>
    /// <exception cref="InvalidModelFileException">
    /// There is no such folder (the message names the nearest), config.json or the weights are missing, damaged or of a kind that is not
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
        return Own(folder, configuration, tensors);
    }

    /// <summary>Opens configuration and safetensors weights of files in memory.</summary>
    /// <exception cref="InvalidModelFileException">One of them is missing, damaged or of another kind.</exception>
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
        return Own(files.Name, configuration, SafetensorsFile.Open(files.Open(WeightFiles.Safetensors)));
    }

    /// <summary>The folder of a model that is named by it or by a file in it.</summary>
    internal static string FolderOf(string path) => ModelLocation.Of(path).Folder;

    /// <summary>
    /// Compares the weights with the parameters that config.json describes (the head is that of its "architectures"), before anything is
    /// read.
    /// </summary>
    /// <exception cref="InvalidModelFileException">A tensor has another shape than its parameter.</exception>
    /// <exception cref="UnsupportedModelException">The head is not supported.</exception>
    public WeightReport CompareWeights() => Weights.Check(ModelGraph.Create(Configuration, ModelGraph.HeadOf(Configuration)).Parameters);

    /// <summary>
    /// Looks a parameter up by its transformers name, with or without the base model's prefix ("transformer.", "bert.", …), in new or old
    /// spelling.
    /// </summary>
    public bool TryFind(string name, [NotNullWhen(true)] out TensorInfo? info) => Weights.TryFind(name, out info);

    /// <summary>
    /// Writes model.safetensors, the tokenizer's files and config.json, which transformers loads as they are. Each file is whole or not
    /// there; the folder is made if need be.
    /// </summary>
    /// <param name="folder">Where to.</param>
    /// <param name="configuration">Its architectures should name the head ("SqueezeBertForSequenceClassification").</param>
    /// <param name="tensors">Every parameter under its transformers name; tied ones once.</param>
    /// <param name="type"><see cref="TensorType.Float32"/>, <see cref="TensorType.Float16"/> or <see cref="TensorType.BFloat16"/>.</param>
    /// <param name="tokenizer">Its files are written too; null: none.</param>
    /// <exception cref="InvalidModelFileException">The configuration's values do not fit together.</exception>
    /// <exception cref="OverflowException">A value is beyond the range of <paramref name="type"/>; the message names the
    /// tensor.</exception>
    public static void Save(
        string folder, ModelConfiguration configuration, IEnumerable<NamedTensor> tensors, TensorType type = TensorType.Float32,
        BertTokenizer? tokenizer = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var file = System.IO.Path.Combine(folder, ModelConfiguration.FileName);
        configuration.Validate(file);
        var json = configuration.ToJson();
        json[json.ContainsKey("torch_dtype") && !json.ContainsKey("dtype") ? "torch_dtype" : "dtype"] = TensorTypes.ConfigurationName(type);
        if (json.ContainsKey("embedding_dtype")) json["embedding_dtype"] = TensorTypes.ConfigurationName(type);

        // What is written here are numbers, whatever the source of the configuration held.
        json.Remove(QuantizationSettings.Field);
        var writer = new SafetensorsWriter();
        foreach (var tensor in tensors) Add(writer, tensor, type);
        Write(folder, json, writer, tokenizer);
    }

    /// <summary>
    /// As <see cref="Save"/>, with the weights of linear layers in int8 and one scale an output, in the layout of compressed-tensors. A
    /// model that is loaded from the folder computes in int8, with the bits that the same weights in float32 give when they are rounded on
    /// loading. What is not quantized is written in float32.
    /// </summary>
    /// <param name="folder">Where to.</param>
    /// <param name="configuration">Its architectures should name the head ("SqueezeBertForSequenceClassification").</param>
    /// <param name="tensors">Every parameter under its transformers name; tied ones once.</param>
    /// <param name="tables">How embedding tables are stored.</param>
    /// <param name="tokenizer">Its files are written too; null: none.</param>
    /// <exception cref="InvalidModelFileException">The configuration's values do not fit together.</exception>
    /// <exception cref="UnsupportedModelException">The head is not supported, or the model has nothing to quantize.</exception>
    /// <exception cref="ArgumentException">A weight to quantize is not finite; the message names the tensor.</exception>
    public static void SaveQuantized(
        string folder, ModelConfiguration configuration, IEnumerable<NamedTensor> tensors,
        TablePrecision tables = TablePrecision.Float32, BertTokenizer? tokenizer = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        configuration.Validate(System.IO.Path.Combine(folder, ModelConfiguration.FileName));
        var plan = PlanOf(configuration, tables);
        var json = configuration.ToJson();
        json[json.ContainsKey("torch_dtype") && !json.ContainsKey("dtype") ? "torch_dtype" : "dtype"] =
            TensorTypes.ConfigurationName(TensorType.Float32);
        json.Remove("embedding_dtype");
        json[QuantizationSettings.Field] = plan.Describe();
        var writer = new SafetensorsWriter();
        foreach (var tensor in tensors)
        {
            var form = plan.FormOf(tensor.Name);
            if (form == StoredForm.Float32) Add(writer, tensor, TensorType.Float32);
            else QuantizedTensorWriter.Add(writer, tensor, form);
        }

        Write(folder, json, writer, tokenizer);
    }

    /// <summary>Closes the weight file.</summary>
    public void Dispose() => Tensors.Dispose();

    /// <summary>What <see cref="SaveQuantized"/> stores as integers.</summary>
    /// <exception cref="UnsupportedModelException">The head is not supported, or the model has nothing to quantize.</exception>
    internal static QuantizationPlan PlanOf(ModelConfiguration configuration, TablePrecision tables) => QuantizationPlan.Of(
        configuration, tables, new TensorNames(SupportedArchitectures.Of(configuration), configuration.TieWordEmbeddings).Canonical);

    private static void Add(SafetensorsWriter writer, NamedTensor tensor, TensorType type)
    {
        if (tensor.IsInteger) writer.Add(tensor.Name, tensor.Shape, Array.ConvertAll(tensor.Data.ToArray(), value => (long)value));
        else writer.Add(tensor.Name, tensor.Shape, tensor.Data, type);
    }

    private static void Write(string folder, JsonObject configuration, SafetensorsWriter writer, BertTokenizer? tokenizer)
    {
        writer.Save(System.IO.Path.Combine(folder, WeightFiles.Safetensors));
        tokenizer?.Save(folder);
        AtomicFile.Write(
            System.IO.Path.Combine(folder, ModelConfiguration.FileName), stream => StrictJson.Write(stream, configuration));
    }

    private static InvalidModelFileException WithoutConfiguration(string path, string folder)
    {
        ModelPaths.RequireListable(folder);
        return new InvalidModelFileException(path, null,
            $"{(path == folder ? "has" : "is no weights of a model: beside it is")} no {ModelConfiguration.FileName}; a model's folder " +
                $"holds {ModelConfiguration.FileName} and {WeightFiles.Safetensors}");
    }

    /// <summary>Only static embeddings can be without a config.json: their table says all.</summary>
    private static ModelFolder Own(string folder, ModelConfiguration? configuration, ITensorSource tensors)
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
                _ => configuration,
            }, tensors);
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }
}
