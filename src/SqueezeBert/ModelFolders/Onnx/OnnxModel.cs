using System.Diagnostics.CodeAnalysis;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.ModelFolders.Onnx.Constants;
using SqueezeBert.ModelFolders.Onnx.Format;
using SqueezeBert.ModelFolders.Onnx.Operators;
using SqueezeBert.ModelFolders.Onnx.Recognition;
using SqueezeBert.ModelFolders.Tensors;

namespace SqueezeBert.ModelFolders.Onnx;

/// <summary>
/// An ONNX file that was recognized as one of the supported models: its configuration, and its weights under the names of transformers.
/// Opening checks the whole file. Elements are read, transposed and dequantized on request. Reading is thread-safe.
/// </summary>
internal sealed class OnnxModel : ITensorSource
{
    public const string Extension = ".onnx";

    private readonly ConstantPool _pool;
    private readonly Dictionary<string, (TensorInfo Info, Constant Constant)> _tensors = new(StringComparer.Ordinal);

    private OnnxModel(ConstantPool pool, ModelConfiguration? declared, string? configurationFile)
    {
        _pool = pool;
        var graph = OnnxGraphReader.Read(pool.Source, pool);
        var interpreter = OnnxInterpreter.Run(graph, pool);
        var roles = OutputRoles.Find(interpreter, pool, Path, declared is null ? null : DeclaredHead(declared));
        var found = ConfigurationGuess.Make(new ReachableLayers(roles.Layers.Values), roles, declared, ConstantPool.HaveSameElements, Path);
        Configuration = declared is null ? found : DeclaredConfiguration.Join(declared, found, roles, configurationFile!);
        var hasPooler = roles.Head != ModelHead.None || roles.Layers.ContainsKey(OutputNames.PoolerOutput);
        var model = ModelGraph.Create(Configuration, roles.Head, RowSet.Tokens, hasPooler: hasPooler);
        long total = 0;
        var constants = GraphMatcher.Match(Configuration, model, roles, pool, Path);
        foreach (var parameter in model.Parameters)
        {
            // What no output of the file depends on is not there.
            var name = parameter.Name;
            if (!constants.TryGetValue(name, out var constant)) continue;
            var type = constant.IsInteger && parameter.Kind != ParameterKind.RowNumber ? TensorType.Float32 : constant.Type;
            _tensors.Add(name, (new TensorInfo(name, type, [.. constant.Shape], constant.Count * TensorTypes.SizeOf(type)), constant));
            total += constant.Count * TensorTypes.SizeOf(type);
        }

        if (total / ConstantPool.MaxGrowth > pool.TotalBytes)
            throw new InvalidModelFileException(Path, null,
            $"has tensors of {total} bytes, more than {ConstantPool.MaxGrowth} times the file's length");
    }

    /// <summary>The path, as given.</summary>
    public string Path => _pool.Source.Name;

    /// <summary>The configuration according to the graph and, if there is one, config.json.</summary>
    public ModelConfiguration Configuration { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => _tensors.Keys;

    /// <summary>Opens and recognizes a file.</summary>
    /// <param name="path">The path of the file. External data is in the same folder.</param>
    /// <param name="configuration">The config.json of the model, or null if there is none.</param>
    /// <param name="configurationFile">Its path, for messages.</param>
    /// <exception cref="InvalidModelFileException">
    /// The file does not exist, cannot be read, is damaged, contradicts config.json, or is not a supported model. The message names the
    /// operator.
    /// </exception>
    public static OnnxModel Open(string path, ModelConfiguration? configuration = null, string? configurationFile = null) =>
        Open(ByteSource.Open(path), System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)), configuration, configurationFile);

    /// <summary>Recognizes a source and takes ownership of it.</summary>
    /// <param name="source">The file.</param>
    /// <param name="folder">The folder for external data, or null if there is none.</param>
    /// <param name="configuration">The config.json of the model, or null if there is none.</param>
    /// <param name="configurationFile">Its path, for messages.</param>
    public static OnnxModel Open(ByteSource source, string? folder, ModelConfiguration? configuration, string? configurationFile)
    {
        var pool = new ConstantPool(source, folder);
        try
        {
            if (source.Length >= 8) GitLfsPointer.Refuse(source.Name, source.ReadArray(0, 8));
            return new OnnxModel(pool, configuration, configurationFile);
        }
        catch
        {
            pool.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool TryGetTensor(string name, [NotNullWhen(true)] out TensorInfo? info)
    {
        var found = _tensors.TryGetValue(name, out var tensor);
        info = tensor.Info;
        return found;
    }

    /// <inheritdoc/>
    public void ReadFloats(string name, Span<float> destination)
    {
        var (info, constant) = Get(name);
        TensorReader.CheckLength(info, destination.Length, nameof(destination));
        constant.Read(destination);
    }

    /// <inheritdoc/>
    public void ReadInt64s(string name, Span<long> destination)
    {
        var (info, constant) = Get(name);
        TensorReader.CheckIntegers(info);
        TensorReader.CheckLength(info, destination.Length, nameof(destination));

        // A static model's row numbers, which float32 holds exactly.
        var values = constant.ToArray();
        for (var i = 0; i < values.Length; i++) destination[i] = (long)values[i];
    }

    /// <summary>Closes the file and the files of its external data.</summary>
    public void Dispose() => _pool.Dispose();

    /// <summary>Returns the head that config.json names. Null if it names an unsupported one, so that the file decides.</summary>
    private static ModelHead? DeclaredHead(ModelConfiguration declared)
    {
        try
        {
            return ModelHeads.Of(declared);
        }
        catch (UnsupportedModelException)
        {
            return null;
        }
    }

    private (TensorInfo Info, Constant Constant) Get(string name) => _tensors.TryGetValue(name, out var tensor)
        ? tensor
        : throw new ArgumentException($"{Path} has no tensor '{name}'", nameof(name));
}
