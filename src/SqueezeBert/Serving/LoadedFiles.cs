using System.Runtime.ExceptionServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.ModelFolders;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Files;

namespace SqueezeBert.Serving;

/// <summary>The files that a model was loaded from, on disk or in memory.</summary>
internal sealed class LoadedFiles
{
    private readonly SentenceEncoderSettings? _settings;
    private readonly ExceptionDispatchInfo? _failure;
    private readonly ModelFiles? _inMemory;
    private readonly string _path;
    private readonly List<(string Name, long Length, DateTime Changed)> _state;

    public LoadedFiles(ModelSource source)
    {
        _path = source.Path;
        _inMemory = source.Files;
        try
        {
            // The encoder of a sentence-transformers folder may be in a folder inside it.
            _settings = _inMemory is null ? SentenceEncoderSettings.Load(source.Path) : SentenceEncoderSettings.Load(_inMemory);
            _path = _settings.ModelPath;
            _inMemory = _inMemory?.In(_settings.EncoderFolder);
        }
        catch (InvalidModelFileException e)
        {
            // What it says of vectors concerns only who makes some.
            _failure = ExceptionDispatchInfo.Capture(e);
        }

        _state = State();
    }

    /// <inheritdoc cref="InferenceModel.SentenceSettings"/>
    public SentenceEncoderSettings SentenceSettings
    {
        get
        {
            _failure?.Throw();
            return _settings!;
        }
    }

    /// <summary>Opens configuration and weights.</summary>
    public ModelFolder Open() => _inMemory is null ? ModelFolder.Open(_path) : ModelFolder.OpenFiles(_inMemory);

    /// <exception cref="InvalidModelFileException">The tokenizer is missing or damaged.</exception>
    public BertTokenizer LoadTokenizer()
    {
        try
        {
            return _inMemory is null ? BertTokenizer.Load(ModelFolder.FolderOf(_path)) : TokenizerFiles.Load(_inMemory, null);
        }
        catch (FileNotFoundException e)
        {
            throw new InvalidModelFileException(
                _path, null, $"has neither {TokenizerFileNames.Tokenizer} nor {TokenizerFileNames.Vocabulary}", e, ErrorKind.Missing);
        }
    }

    /// <inheritdoc cref="InferenceModel.Fingerprint"/>
    public string Fingerprint()
    {
        if (!_state.SequenceEqual(State()))
        {
            throw new InvalidOperationException(
                $"{_path} was changed after the model was loaded, so that its files no longer tell what is in memory: load it again");
        }

        using var folder = Open();
        return ModelFingerprint.Of(folder, LoadTokenizer(), _settings);
    }

    private List<(string, long, DateTime)> State()
    {
        if (_inMemory is not null) return [];
        var folder = ModelLocation.Of(_path).Folder;
        if (!Directory.Exists(folder)) return [];
        ModelPaths.RequireListable(folder);
        return [.. new DirectoryInfo(folder).EnumerateFiles().OrderBy(file => file.Name, StringComparer.Ordinal)
            .Select(file => (file.Name, file.Length, file.LastWriteTimeUtc))];
    }
}
