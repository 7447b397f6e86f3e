using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.ModelFolders.Onnx;
using SqueezeBert.Tokenization.Files;

namespace SqueezeBert.ModelFolders;

/// <summary>The location of a model's parts, given a folder, a file of weights or an ONNX file.</summary>
/// <param name="Folder">The folder of config.json, the tokenizer and modules.json.</param>
/// <param name="OnnxFile">The ONNX file with the weights, or null if a checkpoint has them.</param>
internal sealed record ModelLocation(string Folder, string? OnnxFile)
{
    /// <summary>The folder in which exporters for the web and Optimum store ONNX files.</summary>
    private const string OnnxFolder = "onnx";

    private const string OnnxName = "model" + OnnxModel.Extension;

    private static readonly string[] Settings =
        [ModelConfiguration.FileName, TokenizerFileNames.Tokenizer, TokenizerFileNames.Vocabulary, SentenceEncoderSettings.ModulesFile];

    /// <param name="path">The path of a folder or a file. It need not exist.</param>
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

    /// <summary>Returns whether a file has the extension of ONNX files.</summary>
    public static bool IsOnnx(string path) => path.EndsWith(OnnxModel.Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Returns the ONNX files of a folder with other names, for example quantized ones. Each can be opened by its own path.
    /// </summary>
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

    /// <summary>Opens the ONNX file together with its config.json, if there is one.</summary>
    /// <exception cref="UnsupportedModelException">The program was built without the reader.</exception>
    public OnnxModel OpenOnnx()
    {
        if (!ModelFormats.HasOnnxAndPyTorch) throw ModelFormats.LeftOut(OnnxFile!);
        var file = Path.Combine(Folder, ModelConfiguration.FileName);
        return File.Exists(file)
            ? OnnxModel.Open(OnnxFile!, ModelConfiguration.Load(ModelPaths.FileIn(Folder, ModelConfiguration.FileName)), file)
            : OnnxModel.Open(OnnxFile!);
    }

    /// <summary>
    /// Returns the folder of an ONNX file, or its parent folder if the file is in "onnx" and the other files are in the parent folder.
    /// </summary>
    private static string SettingsOf(string folder)
    {
        if (Path.GetFileName(folder) != OnnxFolder || Path.GetDirectoryName(folder) is not { } above) return folder;
        return !Has(folder) && Has(above) ? above : folder;

        static bool Has(string place) => Settings.Any(name => File.Exists(Path.Combine(place, name)));
    }
}
