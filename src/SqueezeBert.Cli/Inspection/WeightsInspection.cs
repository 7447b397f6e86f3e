using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.ModelFolders.Onnx;
using SqueezeBert.ModelFolders.Tensors;

namespace SqueezeBert.Cli.Inspection;

/// <summary>What a file of weights holds.</summary>
/// <param name="Path">The file or its folder.</param>
/// <param name="Tensors">In the order of the file.</param>
/// <param name="Metadata">Texts of the header.</param>
/// <param name="Missing">Parameters of the model that it lacks.</param>
/// <param name="Unused">Tensors that the model does not use.</param>
internal sealed record WeightsInspection(
    string Path, IReadOnlyList<TensorInfo> Tensors, IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<string> Missing,
    IReadOnlyList<string> Unused)
{
    public long Elements => Tensors.Sum(tensor => tensor.ElementCount);

    public long Bytes => Tensors.Sum(tensor => tensor.ByteCount);

    /// <summary>Types of the elements and their bytes, the most first.</summary>
    public IEnumerable<(string Name, long Bytes)> Types => Tensors.GroupBy(tensor => tensor.Type)
        .Select(group => (TensorTypes.SafetensorsName(group.Key), group.Sum(tensor => tensor.ByteCount)))
        .OrderByDescending(type => type.Item2);

    /// <summary>A file alone.</summary>
    public static WeightsInspection Of(SafetensorsFile file) => new(file.Path, List(file), file.Metadata, [], []);

    /// <summary>The weights of a model, compared with what its configuration asks for.</summary>
    public static WeightsInspection Of(ModelFolder folder)
    {
        var graph = ModelGraph.CreateWhole(folder.Configuration, hasPooler: HasPooler(folder));
        var report = folder.Weights.Check(graph.Parameters);
        var metadata = (folder.StoredTensors as SafetensorsFile)?.Metadata ?? new Dictionary<string, string>();
        var file = folder.StoredTensors switch
        {
            SafetensorsFile safetensors => safetensors.Path,
            OnnxModel onnx => onnx.Path,
            _ => folder.Path,
        };
        return new WeightsInspection(file, List(folder.StoredTensors), metadata,
            report.Missing, report.Unused);
    }

    /// <summary>
    /// Whether a model computes a pooler's output. A checkpoint trained for tokens has none, and an encoder that lacks only it is loaded
    /// without.
    /// </summary>
    public static bool HasPooler(ModelFolder folder)
    {
        if (ModelGraph.HeadOf(folder.Configuration) != ModelHead.None) return true;
        var missing = folder.Weights.Check(ModelGraph.Create(folder.Configuration, ModelHead.None).Parameters).Missing;
        return missing.Count == 0 || !missing.All(name => name.StartsWith("pooler.", StringComparison.Ordinal));
    }

    private static List<TensorInfo> List(ITensorSource source) =>
        [.. source.Names.Select(name => source.TryGetTensor(name, out var info) ? info : throw new KeyNotFoundException(name))];
}
