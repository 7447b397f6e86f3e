using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.ModelFolders.SentenceTransformers;

/// <summary>
/// The files of a sentence-transformers folder that describe how tokens are combined into a vector: modules.json, the config.json of each
/// module, the longest input and the prompts. A student gets the files of its teacher, and a converted model those of its source.
/// </summary>
internal sealed class SentenceFiles
{
    private const int MaxBytes = 1 << 20;
    private readonly List<string> _files = [];
    private readonly List<string> _folders = [];
    private readonly string _source;

    /// <param name="source">A model folder with or without a modules.json, or its ONNX file.</param>
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

    /// <summary>The settings in the files.</summary>
    public SentenceEncoderSettings Settings { get; }

    /// <summary>The folder of the encoder, or its ONNX file.</summary>
    public string ModelPath { get; }

    /// <summary>The folder of the encoder inside that of the model. Empty if they are the same.</summary>
    public string EncoderFolder { get; }

    /// <summary>The file in the model's folder that contains the longest input, or null if there is none.</summary>
    public string? TransformerFile { get; }

    /// <summary>Copies the files. Each file is replaced as a whole.</summary>
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
