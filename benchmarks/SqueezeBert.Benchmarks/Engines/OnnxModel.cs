using SqueezeBert.ModelFolders.Onnx.Writing;

namespace SqueezeBert.Benchmarks.Engines;

/// <summary>
/// The ONNX file that other engines run: that of a folder of peers (whose weights are not ours: right for speed, results differ), or one
/// written here with our weights, removed at the end.
/// </summary>
internal sealed class OnnxModel : IDisposable
{
    private readonly string? _folder;

    /// <param name="model">The model.</param>
    /// <param name="peers">Folder of peers, or null.</param>
    public OnnxModel(BenchmarkModel model, string? peers)
    {
        var found = peers is null ? null : System.IO.Path.Combine(peers, "models", model.Name + ".onnx");
        if (File.Exists(found))
        {
            Path = found;
            return;
        }

        HasOurWeights = true;
        _folder = Directory.CreateTempSubdirectory("squeezebert-benchmark-").FullName;
        Path = System.IO.Path.Combine(_folder, model.Name + ".onnx");
        OnnxExport.Save(Path, model.Graph(), model.Parameters());
    }

    public string Path { get; }

    /// <summary>Whether results can be compared with ours.</summary>
    public bool HasOurWeights { get; }

    public void Dispose()
    {
        if (_folder is not null) Directory.Delete(_folder, recursive: true);
    }
}
