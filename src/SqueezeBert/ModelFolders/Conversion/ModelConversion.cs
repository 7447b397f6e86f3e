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
/// Converts a model of any supported form to a folder in the layout of transformers and, for a sentence encoder, of sentence-transformers.
/// It can also write an ONNX file with its other files.
/// </summary>
internal static class ModelConversion
{
    private const int MaxNames = 5;

    /// <summary>Converts a model. The result appears as a whole or not at all.</summary>
    /// <param name="source">A model folder, a file of weights in one, or an ONNX file.</param>
    /// <param name="to">A folder that is empty or does not exist. For ONNX, it may also be the name of a file.</param>
    /// <param name="options">The values that the files of the source do not give.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between tensors, and a cancelled call writes nothing.</param>
    /// <exception cref="InvalidModelFileException">
    /// The source does not exist, is damaged, contradicts the options, or lacks a value that the options do not give either; or the target
    /// folder is not empty.
    /// </exception>
    /// <exception cref="ArgumentException">An option requires another one.</exception>
    /// <exception cref="UnsupportedModelException">
    /// The architecture or its head is not supported, or the model has nothing to quantize.
    /// </exception>
    /// <exception cref="FileNotFoundException">A sentence encoder has no tokenizer.</exception>
    public static ConversionReport Convert(
        string source, string to, ConversionOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentException.ThrowIfNullOrEmpty(to);
        if (options.Onnx is not null && options.Precision != TensorType.Float32)
            throw new ArgumentException("an ONNX file is written in float32; leave --precision out");
        if (options.Onnx is not null && options.AverageWith.Count > 0)
            throw new ArgumentException("--average writes a folder; convert that one to ONNX");
        using var target = new ConversionTarget(to, options.Onnx is not null);
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

        // A file that makes sentence vectors has no use for a pooler.
        var hasPooler = head != ModelHead.None
            || (model.TryFind("pooler.dense.weight", out _) && !(options.Onnx is not null && sentence.IsSentenceEncoder));
        var graph = ModelGraph.CreateWhole(model.Configuration, hasPooler: hasPooler);
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

        using var weights = new AveragedWeights(model, options.AverageWith, graph.Parameters, tokenizer.Tokenizer);
        if (options.AverageWith.Count > 0) origins.Add($"averaged with: {string.Join(", ", options.AverageWith)}");
        tokenizer.AddOrigins(origins);
        sentence.Settle(configuration, tokenizer.Tokenizer, origins);

        FileProblem.MakeFolder(target.Stage, to);
        if (options.Onnx is { } onnx)
        {
            model.SaveOnnx(Path.Combine(target.Stage, target.OnnxName), onnx,
                sentence.IsSentenceEncoder ? sentence.Settings : null, cancellationToken);
            origins.Add($"format: ONNX, operator set {onnx.OperatorSet}");
            if (target.IsIn(location.Folder))
            {
                origins.Add($"beside it: the files of {location.Folder}");
            }
            else
            {
                sentence.WriteTo(target.Stage, configuration.HiddenSize, isFlat: true);
                ModelFolder.SaveConfiguration(target.Stage, configuration, TensorType.Float32);
                tokenizer.WriteTo(target.Stage);
            }
        }
        else
        {
            var encoder = Path.Combine(target.Stage, sentence.EncoderFolder);
            sentence.WriteTo(target.Stage, configuration.HiddenSize, isFlat: false);
            var tensors = Tensors(graph, weights, sentence.EncoderFolder, cancellationToken);
            if (options.Precision == TensorType.Int8) ModelFolder.SaveQuantized(encoder, configuration, tensors, options.Tables);
            else ModelFolder.Save(encoder, configuration, tensors, options.Precision);
            tokenizer.WriteTo(encoder);
        }

        cancellationToken.ThrowIfCancellationRequested();
        target.Finish();
        return new ConversionReport(configuration, ModelCost.ParameterCount(graph), origins);
    }

    /// <summary>
    /// Returns the configuration of config.json, or of the graph of an ONNX file without one, with the class that fits the weights.
    /// </summary>
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
        Graph graph, AveragedWeights weights, string encoderFolder, CancellationToken cancellationToken)
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
