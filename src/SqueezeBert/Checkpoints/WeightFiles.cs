namespace SqueezeBert.Checkpoints;

/// <summary>Finds the file of a model folder that holds the weights.</summary>
internal static class WeightFiles
{
    public const string Safetensors = "model.safetensors";

    private static readonly (string Pattern, string What)[] Others =
    [
        ("*.bin", "PyTorch pickle"),
        ("*.h5", "TensorFlow / Keras"),
        ("*.ckpt*", "TensorFlow 1"),
        ("*.msgpack", "Flax"),
        ("*.onnx", "ONNX"),
        ("*.safetensors", "safetensors under another name"),
    ];

    public static ITensorSource OpenIn(string folder)
    {
        var safetensors = Path.Combine(folder, Safetensors);
        return File.Exists(safetensors) ? SafetensorsFile.Open(safetensors) : throw NotFound(folder);
    }

    public static ITensorSource OpenFile(string path) => path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase)
        ? SafetensorsFile.Open(path)
        : throw new InvalidModelFileException(path, null, "is not a kind of file that weights are read from; give the model's folder");

    private static InvalidModelFileException NotFound(string folder)
    {
        var found = new List<string>();
        foreach (var (pattern, what) in Others)
        {
            if (Directory.EnumerateFiles(folder, pattern).Select(Path.GetFileName).Order(StringComparer.Ordinal).FirstOrDefault() is { } name)
                found.Add($"{name} ({what})");
        }

        return new InvalidModelFileException(folder, null, found.Count == 0
            ? $"has no {Safetensors}"
            : $"has no {Safetensors}, only {string.Join(", ", found)}, which cannot be read; save the model as safetensors");
    }
}
