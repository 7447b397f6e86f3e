using System.Runtime.ExceptionServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.ModelFolders;

namespace SqueezeBert.Serving;

/// <summary>The files that a model was loaded from.</summary>
internal sealed class LoadedFiles
{
    private readonly SentenceEncoderSettings? _settings;
    private readonly ExceptionDispatchInfo? _failure;
    private readonly List<(string Name, long Length, DateTime Changed)> _state;

    public LoadedFiles(ModelSource source)
    {
        ModelPath = source.Path;
        try
        {
            // The encoder of a sentence-transformers folder may be in a folder inside it.
            _settings = SentenceEncoderSettings.Load(source.Path);
            ModelPath = _settings.ModelPath;
        }
        catch (InvalidModelFileException e)
        {
            // What it says of vectors concerns only who makes some.
            _failure = ExceptionDispatchInfo.Capture(e);
        }

        _state = State();
    }

    /// <summary>The encoder's folder or file.</summary>
    public string ModelPath { get; }

    /// <inheritdoc cref="InferenceModel.SentenceSettings"/>
    public SentenceEncoderSettings SentenceSettings
    {
        get
        {
            _failure?.Throw();
            return _settings!;
        }
    }

    /// <inheritdoc cref="InferenceModel.Fingerprint"/>
    public string Fingerprint()
    {
        if (!_state.SequenceEqual(State()))
        {
            throw new InvalidOperationException(
                $"{ModelPath} was changed after the model was loaded, so that its files no longer tell what is in memory: load it again");
        }

        return ModelFingerprint.Of(ModelPath, _settings);
    }

    private List<(string, long, DateTime)> State()
    {
        var folder = ModelLocation.Of(ModelPath).Folder;
        return Directory.Exists(folder)
            ? [.. new DirectoryInfo(folder).EnumerateFiles().OrderBy(file => file.Name, StringComparer.Ordinal)
                .Select(file => (file.Name, file.Length, file.LastWriteTimeUtc))]
            : [];
    }
}
