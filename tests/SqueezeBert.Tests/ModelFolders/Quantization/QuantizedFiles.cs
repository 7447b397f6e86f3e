using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Tests.ModelFolders.Quantization;

/// <summary>Quantized copies of the tiny models, and changes of their files.</summary>
internal static class QuantizedFiles
{
    /// <summary>Every tensor of a folder as numbers.</summary>
    public static List<NamedTensor> Tensors(ModelFolder folder) =>
        [.. folder.Tensors.Names.Select(name =>
        {
            Assert.True(folder.Tensors.TryGetTensor(name, out var info));
            var values = new float[info.ElementCount];
            folder.Tensors.ReadFloats(name, values);
            return new NamedTensor(name, info.Shape, values)
            {
                IsInteger = info.Type is TensorType.Int64 or TensorType.Int32,
            };
        }),
        ];

    /// <summary>Writes a quantized copy with the files of the tokenizer.</summary>
    public static string Save(string model, string folder, TablePrecision tables)
    {
        var source = GoldenModels.Folder(model);
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(source).Where(file => Path.GetFileName(file) != "expected.safetensors"))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        using var open = ModelFolder.Open(source);
        ModelFolder.SaveQuantized(folder, open.Configuration, Tensors(open), tables);
        return folder;
    }

    /// <summary>Changes a configuration.</summary>
    public static void Change(string folder, Action<JsonObject> change)
    {
        var file = Path.Combine(folder, "config.json");
        var json = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        change(json["quantization_config"]!.AsObject());
        File.WriteAllText(file, json.ToJsonString());
    }

    /// <summary>The tensors of a file with their bytes, to be changed and written again.</summary>
    public static Dictionary<string, (TensorType Type, long[] Shape, byte[] Bytes)> Read(string folder)
    {
        using var file = SafetensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        return file.Names.ToDictionary(name => name, name =>
        {
            Assert.True(file.TryGetTensor(name, out var info));
            var bytes = new byte[info.ByteCount];
            ((SqueezeBert.ModelFolders.Tensors.ITensorBytes)file).ReadBytes(name, 0, bytes);
            return (info.Type, info.Shape.ToArray(), bytes);
        });
    }

    public static void Write(string folder, Dictionary<string, (TensorType Type, long[] Shape, byte[] Bytes)> tensors)
    {
        var writer = new SafetensorsWriter();
        foreach (var (name, (type, shape, bytes)) in tensors) writer.AddBytes(name, shape, bytes, type);
        writer.Save(Path.Combine(folder, "model.safetensors"));
    }
}
