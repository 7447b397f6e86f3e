using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.ModelFolders.Onnx;
using SqueezeBert.Tokenization.Files;

namespace SqueezeBert.ModelFolders;

/// <summary>Where the parts of a model are that is named by a folder, a file of weights or an ONNX file.</summary>
/// <param name="Folder">The folder of config.json, the tokenizer and modules.json.</param>
/// <param name="OnnxFile">The ONNX file that the weights are read from; null where they are read from a checkpoint.</param>
internal sealed record ModelLocation(string Folder, string? OnnxFile)
{
    /// <summary>Where exporters for the web and Optimum put ONNX files, in the folder of a checkpoint.</summary>
    private const string OnnxFolder = "onnx";

    private const string OnnxName = "model" + OnnxModel.Extension;

    private static readonly string[] Settings =
        [ModelConfiguration.FileName, TokenizerFileNames.Tokenizer, TokenizerFileNames.Vocabulary, SentenceEncoderSettings.ModulesFile];

    /// <param name="path">A folder or a file; it need not exist.</param>
    /// <exception cref="InvalidModelFileException">A file of the folder is a link out of it.</exception>
    public static ModelLocation Of(string path)
    {
        if (File.Exists(path))
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            return IsOnnx(path) ? new ModelLocation(SettingsOf(folder), path) : new ModelLocation(folder, null);
        }

        if (!Directory.Exists(path) || WeightFiles.Names.Any(name => File.Exists(Path.Combine(path, name))))
            return new ModelLocation(path, null);
        foreach (var name in (string[])[OnnxName, Path.Combine(OnnxFolder, OnnxName)])
        {
            if (File.Exists(Path.Combine(path, name))) return new ModelLocation(path, ModelPaths.FileIn(path, name));
        }

        return new ModelLocation(path, null);
    }

    /// <summary>Whether a file is named as ONNX files are.</summary>
    public static bool IsOnnx(string path) => path.EndsWith(OnnxModel.Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>ONNX files of a folder under other names: quantized ones, say. Each can be given by its own path.</summary>
    public static IReadOnlyList<string> OtherOnnxFiles(string folder)
    {
        var files = new List<string>();
        foreach (var place in (string[])[folder, Path.Combine(folder, OnnxFolder)])
        {
            if (!Directory.Exists(place)) continue;
            ModelPaths.RequireListable(place);
            files.AddRange(Directory.EnumerateFiles(place, "*" + OnnxModel.Extension).Order(StringComparer.Ordinal));
        }

        return files;
    }

    /// <summary>Opens the ONNX file with the config.json that belongs to it, if there is one.</summary>
    public OnnxModel OpenOnnx()
    {
        var file = Path.Combine(Folder, ModelConfiguration.FileName);
        return File.Exists(file)
            ? OnnxModel.Open(OnnxFile!, ModelConfiguration.Load(ModelPaths.FileIn(Folder, ModelConfiguration.FileName)), file)
            : OnnxModel.Open(OnnxFile!);
    }

    /// <summary>The folder of an ONNX file, or the one above it where the file is in "onnx" and all the rest is above.</summary>
    private static string SettingsOf(string folder)
    {
        if (Path.GetFileName(folder) != OnnxFolder || Path.GetDirectoryName(folder) is not { } above) return folder;
        return !Has(folder) && Has(above) ? above : folder;

        static bool Has(string place) => Settings.Any(name => File.Exists(Path.Combine(place, name)));
    }
}
