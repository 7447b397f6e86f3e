using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.ModelFolders.SentenceTransformers;

/// <summary>
/// The files of a sentence-transformers folder that say how tokens become a vector: modules.json, each module's config.json, the longest
/// text, prompts. A student has those of its teacher, a converted model those of its source.
/// </summary>
internal sealed class SentenceFiles
{
    private const int MaxBytes = 1 << 20;
    private readonly List<string> _files = [];
    private readonly List<string> _folders = [];
    private readonly string _source;

    /// <param name="source">A model's folder, with a modules.json or without, or its ONNX file.</param>
    /// <exception cref="InvalidModelFileException">A file is damaged, or a module is not supported.</exception>
    public SentenceFiles(string source)
    {
        var settings = SentenceEncoderSettings.Load(source);
        Settings = settings;
        ModelPath = settings.ModelPath;
        _source = ModelLocation.Of(source).Folder;
        EncoderFolder = ModelPath == source ? "" : Path.GetRelativePath(_source, ModelPath);
        if (SentenceEncoderSettings.Exists(_source))
        {
            var path = Path.Combine(_source, SentenceEncoderSettings.ModulesFile);
            Add(SentenceEncoderSettings.ModulesFile);
            foreach (var (_, folder) in SentenceModules.Parse(StrictJson.ReadFile(path, MaxBytes), path))
            {
                if (folder.Length == 0 || folder == EncoderFolder) continue;
                if (Directory.Exists(Path.Combine(_source, folder))) _folders.Add(folder);
                Add(Path.Combine(folder, ModelConfiguration.FileName));
            }
        }

        TransformerFile = SentenceEncoderSettings.TransformerFiles.Select(name => Path.Combine(EncoderFolder, name))
            .FirstOrDefault(name => File.Exists(Path.Combine(_source, name)));
        foreach (var name in SentenceEncoderSettings.TransformerFiles) Add(Path.Combine(EncoderFolder, name));
        Add(SentenceEncoderSettings.PromptsFile);
    }

    /// <summary>What the files say.</summary>
    public SentenceEncoderSettings Settings { get; }

    /// <summary>The encoder: its folder, or its ONNX file.</summary>
    public string ModelPath { get; }

    /// <summary>The folder of the encoder in that of the model; empty where they are one.</summary>
    public string EncoderFolder { get; }

    /// <summary>The file in the model's folder that has the longest text; null where there is none.</summary>
    public string? TransformerFile { get; }

    /// <summary>Copies the files; each is whole or not there.</summary>
    public void CopyTo(string folder)
    {
        foreach (var name in _folders) FileProblem.MakeFolder(Path.Combine(folder, name));
        foreach (var name in _files)
        {
            var bytes = StrictJson.ReadFile(ModelPaths.FileIn(_source, name), MaxBytes);
            AtomicFile.Write(Path.Combine(folder, name), stream => stream.Write(bytes));
        }
    }

    private void Add(string name)
    {
        if (File.Exists(Path.Combine(_source, name))) _files.Add(name);
    }
}
