using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.ModelFolders;
using SqueezeBert.ModelFolders.SentenceTransformers;

namespace SqueezeBert.Training.Starts;

/// <summary>
/// The files of a sentence-transformers folder that say how tokens become a vector: modules.json, each module's config.json, the longest
/// text, prompts. A student has those of its teacher.
/// </summary>
internal sealed class SentenceFiles
{
    private const int MaxBytes = 1 << 20;
    private readonly List<string> _files = [];
    private readonly List<string> _folders = [];
    private readonly string _teacher;

    /// <param name="teacher">A model's folder, with a modules.json or without, or its ONNX file.</param>
    /// <exception cref="InvalidModelFileException">A file is damaged, or a module is not supported.</exception>
    public SentenceFiles(string teacher)
    {
        var settings = SentenceEncoderSettings.Load(teacher);
        ModelPath = settings.ModelPath;
        _teacher = ModelLocation.Of(teacher).Folder;
        EncoderFolder = ModelPath == teacher ? "" : Path.GetRelativePath(_teacher, ModelPath);
        if (SentenceEncoderSettings.Exists(_teacher))
        {
            var path = Path.Combine(_teacher, SentenceEncoderSettings.ModulesFile);
            Add(SentenceEncoderSettings.ModulesFile);
            foreach (var (_, folder) in SentenceModules.Parse(StrictJson.ReadFile(path, MaxBytes), path))
            {
                if (folder.Length == 0 || folder == EncoderFolder) continue;
                if (Directory.Exists(Path.Combine(_teacher, folder))) _folders.Add(folder);
                Add(Path.Combine(folder, ModelConfiguration.FileName));
            }
        }

        foreach (var name in SentenceEncoderSettings.TransformerFiles) Add(Path.Combine(EncoderFolder, name));
        Add(SentenceEncoderSettings.PromptsFile);
    }

    /// <summary>The encoder: its folder, or its ONNX file.</summary>
    public string ModelPath { get; }

    /// <summary>The folder of the encoder in that of the model; empty where they are one.</summary>
    public string EncoderFolder { get; }

    /// <summary>Copies the files; each is whole or not there.</summary>
    public void CopyTo(string folder)
    {
        foreach (var name in _folders) Directory.CreateDirectory(Path.Combine(folder, name));
        foreach (var name in _files)
        {
            var bytes = StrictJson.ReadFile(Path.Combine(_teacher, name), MaxBytes);
            AtomicFile.Write(Path.Combine(folder, name), stream => stream.Write(bytes));
        }
    }

    private void Add(string name)
    {
        if (File.Exists(Path.Combine(_teacher, name))) _files.Add(name);
    }
}
