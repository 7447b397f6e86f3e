using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Kernels;
using SqueezeBert.ModelFolders.Quantization;
using SqueezeBert.Tokenization;

namespace SqueezeBert.ModelFolders.Conversion;

/// <summary>
/// Writes a model of any form that can be read as a folder in the layout of transformers and, for a sentence encoder, of
/// sentence-transformers.
/// </summary>
internal static class ModelConversion
{
    private const int MaxNames = 5;

    /// <summary>Converts a model. The folder appears whole under its name, or not at all.</summary>
    /// <param name="source">A model's folder, a file of weights in it or an ONNX file.</param>
    /// <param name="folder">Must not exist, or be empty.</param>
    /// <param name="options">What the source's files do not say.</param>
    /// <param name="cancellationToken">Looked at between tensors; nothing is written then.</param>
    /// <exception cref="InvalidModelFileException">
    /// The source does not exist, is damaged, contradicts the options or lacks something that the options do not give either; or the folder
    /// is not free.
    /// </exception>
    /// <exception cref="ArgumentException">An option needs another one.</exception>
    /// <exception cref="UnsupportedModelException">The architecture or its head is not supported, or has nothing to
    /// quantize.</exception>
    /// <exception cref="FileNotFoundException">A sentence encoder has no tokenizer.</exception>
    public static ConversionReport Convert(
        string source, string folder, ConversionOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        CheckIsFree(folder);
        if (!File.Exists(source) && !Directory.Exists(source)) throw ModelPaths.NotFound(source);
        var origins = new List<string>();
        var sentence = new SentenceConversion(ModelLocation.Of(source).Folder, options);
        using var model = ModelFolder.Open(File.Exists(source) ? source : Path.Combine(source, sentence.EncoderFolder));
        var isQuantized = model.Tensors is QuantizedTensors;
        if (isQuantized && options.Precision == TensorType.Int8)
        {
            throw new InvalidModelFileException(model.Path, null,
                "is quantized already, and rounding twice would lose more; convert the model that it was made of",
                kind: ErrorKind.Unsupported);
        }

        var location = ModelLocation.Of(File.Exists(source) ? source : Path.Combine(source, sentence.EncoderFolder));
        var head = ModelGraph.HeadOf(model.Configuration);
        if (location.OnnxFile is not null && head == ModelHead.None) sentence.RequirePooling(location.OnnxFile);
        var hasPooler = head != ModelHead.None || model.TryFind("pooler.dense.weight", out _);
        var graph = ModelGraph.Create(model.Configuration, head, hasPooler: hasPooler);
        var unused = model.Weights.Require(graph.Parameters).Unused;
        origins.Add($"weights: {(location.OnnxFile ?? (File.Exists(source) ? source : model.Path))}{(isQuantized ? ", dequantized" : "")}");
        if (unused.Count > 0)
        {
            var more = unused.Count > MaxNames ? $" and {unused.Count - MaxNames} more" : "";
            origins.Add($"not converted: {string.Join(", ", unused.Take(MaxNames))}{more}, which the model does not use");
        }

        var tokenizer = new TokenizerConversion(location.Folder, model.Configuration, options, sentence.IsSentenceEncoder);
        var configuration = Configuration(model.Configuration, head, location, tokenizer.Tokenizer, origins);
        if (options.Precision == TensorType.Int8)
        {
            var plan = ModelFolder.PlanOf(configuration, options.Tables);
            var layers = graph.Parameters.Count(
                parameter => parameter.Kind == ParameterKind.Weight && plan.FormOf(parameter.Name) != StoredForm.Float32);
            origins.Add($"quantized: {layers} linear layers in int8; tables in {options.Tables.ToString().ToLowerInvariant()}");
        }

        tokenizer.AddOrigins(origins);
        sentence.Settle(configuration, tokenizer.Tokenizer, origins);

        var temporary = $"{Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar)}.{Guid.NewGuid():N}.tmp";
        try
        {
            FileProblem.MakeFolder(temporary, folder);
            var encoder = Path.Combine(temporary, sentence.EncoderFolder);
            sentence.WriteTo(temporary, configuration.HiddenSize);
            var tensors = Tensors(graph, model.Weights, sentence.EncoderFolder, cancellationToken);
            if (options.Precision == TensorType.Int8) ModelFolder.SaveQuantized(encoder, configuration, tensors, options.Tables);
            else ModelFolder.Save(encoder, configuration, tensors, options.Precision);
            tokenizer.WriteTo(encoder);
            cancellationToken.ThrowIfCancellationRequested();

            // An empty folder stands in the way of the rename.
            if (Directory.Exists(folder)) Directory.Delete(folder);
            Directory.Move(temporary, folder);
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }

        return new ConversionReport(configuration, ModelCost.ParameterCount(graph), origins);
    }

    private static void CheckIsFree(string folder)
    {
        if (File.Exists(folder)) throw new InvalidModelFileException(folder, null, "is a file; give the name of a folder to be made");
        if (!Directory.Exists(folder) || Directory.EnumerateFileSystemEntries(folder).FirstOrDefault() is not { } entry) return;
        throw new InvalidModelFileException(folder, null,
            $"has {Path.GetFileName(entry)} in it already; give another folder, or delete this one");
    }

    /// <summary>What config.json says, or the graph of an ONNX file without one, with the class that belongs to the weights.</summary>
    private static ModelConfiguration Configuration(
        ModelConfiguration configuration, ModelHead head, ModelLocation location, BertTokenizer? tokenizer, List<string> origins)
    {
        var file = Path.Combine(location.Folder, ModelConfiguration.FileName);
        if (configuration.Architectures.Count == 0)
            configuration = configuration with { Architectures = [ModelHeads.ClassName(configuration, head)] };
        if (location.OnnxFile is null || File.Exists(file))
        {
            origins.Add($"configuration: {(File.Exists(file) ? file : "the table of static embeddings, and no config.json beside it")}");
            return configuration;
        }

        origins.Add($"configuration: the graph of {location.OnnxFile}; dropout and initializer range are the architecture's defaults");
        if (head is ModelHead.SequenceClassification or ModelHead.TokenClassification)
            origins.Add($"labels: numbered ({string.Join(", ", configuration.Labels.Take(MaxNames))}); an ONNX file has no names of them");
        return tokenizer is { PadTokenId: >= 0 } ? configuration with { PadTokenId = tokenizer.PadTokenId } : configuration;
    }

    private static IEnumerable<NamedTensor> Tensors(
        Graph graph, ModelWeights weights, string encoderFolder, CancellationToken cancellationToken)
    {
        foreach (var parameter in graph.Parameters)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var values = new float[parameter.Length];
            weights.Read(parameter, values);
            yield return new NamedTensor(Name(parameter), parameter.Shape, values)
            {
                IsInteger = parameter.Kind == ParameterKind.RowNumber,
            };
        }

        // A static table in a folder of its own is read by this name only.
        string Name(Parameter parameter) => encoderFolder.Length > 0 && parameter.Name == StaticArchitecture.Table
            ? StaticArchitecture.ModuleTable : parameter.Name;
    }
}
