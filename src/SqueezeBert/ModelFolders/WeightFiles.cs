using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.ModelFolders.Safetensors;

namespace SqueezeBert.ModelFolders;

/// <summary>Finds and opens the file with the weights of a model folder.</summary>
internal static class WeightFiles
{
    public const string Safetensors = "model.safetensors";
    public const string PyTorch = "pytorch_model.bin";
    public const string IndexSuffix = ".index.json";

    private const int MaxFilesInMessage = 5;

    /// <summary>The names of files with weights, in the order of preference.</summary>
    public static IReadOnlyList<string> Names { get; } = [Safetensors, Safetensors + IndexSuffix, PyTorch, PyTorch + IndexSuffix];

    private static readonly (string Pattern, string What)[] Others =
    [
        ("*.h5", "TensorFlow / Keras"),
        ("*.ckpt*", "TensorFlow 1"),
        ("*.msgpack", "Flax"),
        ("*.safetensors", "safetensors under another name"),
        ("*.bin", "under another name"),
    ];

    public static ITensorSource OpenIn(string folder)
    {
        foreach (var name in Names)
        {
            if (File.Exists(Path.Combine(folder, name))) return OpenFile(ModelPaths.FileIn(folder, name));
        }

        throw NotFound(folder);
    }

    public static ITensorSource OpenFile(string path) => Path.GetFileName(path) switch
    {
        var name when EndsWith(name, ".safetensors" + IndexSuffix) => ShardedTensors.Open(path, SafetensorsFile.Open),
        var name when EndsWith(name, ".bin" + IndexSuffix) => ShardedTensors.Open(path, OpenPyTorch),
        var name when EndsWith(name, ".safetensors") => SafetensorsFile.Open(path),
        var name when EndsWith(name, ".bin") || EndsWith(name, ".pt") || EndsWith(name, ".pth") => OpenPyTorch(path),
        _ => throw new InvalidModelFileException(path, null,
            "is not a kind of file that weights are read from; give the model's folder, a .safetensors, a PyTorch .bin or an .onnx"),
    };

    private static PyTorchFile OpenPyTorch(string path) =>
        ModelFormats.HasOnnxAndPyTorch ? PyTorchFile.Open(path) : throw ModelFormats.LeftOut(path);

    private static bool EndsWith(string name, string suffix) => name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase);

    private static InvalidModelFileException NotFound(string folder)
    {
        var found = new List<string>();
        foreach (var (pattern, what) in Others)
        {
            if (Directory.EnumerateFiles(folder, pattern).Select(Path.GetFileName).Order(StringComparer.Ordinal)
                .FirstOrDefault() is { } name)
                found.Add($"{name} ({what})");
        }

        var onnx = ModelLocation.OtherOnnxFiles(folder);
        if (onnx.Count > 0)
        {
            return new InvalidModelFileException(folder, null,
                $"has no {Safetensors}, {PyTorch} or model.onnx; name one of its ONNX files itself: " +
                    $"{string.Join(", ", onnx.Take(MaxFilesInMessage))}");
        }

        return new InvalidModelFileException(folder, null, found.Count == 0
            ? $"has no {Safetensors} or {PyTorch}"
            : $"has no {Safetensors} or {PyTorch}, only {string.Join(", ", found)}, which cannot be read; save the model as safetensors");
    }
}
