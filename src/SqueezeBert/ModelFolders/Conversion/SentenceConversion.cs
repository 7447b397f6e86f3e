using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.ModelFolders.SentenceTransformers;
using SqueezeBert.Tokenization;

namespace SqueezeBert.ModelFolders.Conversion;

/// <summary>
/// Determines how the converted model makes vectors of texts. The files beside the source have precedence, and the options complete them.
/// </summary>
internal sealed class SentenceConversion
{
    private readonly string _folder;
    private readonly ConversionOptions _options;
    private readonly SentenceFiles _files;
    private readonly bool _hasModules;

    /// <summary>
    /// Whether the source says how tokens are combined into a vector: in modules.json, or because it can do nothing else.
    /// </summary>
    private readonly bool _isSaid;
    private readonly SentenceEncoderSettings _found;
    private SentenceEncoderSettings _settings;

    /// <param name="folder">The folder in which the files are looked for.</param>
    /// <param name="options">The options of the conversion.</param>
    /// <exception cref="InvalidModelFileException">A file is damaged, has an unsupported module, or contradicts an option.</exception>
    /// <exception cref="ArgumentException">An option requires a pooling.</exception>
    public SentenceConversion(string folder, ConversionOptions options)
    {
        (_folder, _options) = (folder, options);
        _hasModules = SentenceEncoderSettings.Exists(folder);
        _settings = _found = SentenceEncoderSettings.Load(folder);
        _isSaid = _hasModules || _found.IsStatic;
        if (!_isSaid && options.Pooling is null && (options.Normalize || options.Prompts.Count > 0))
        {
            throw new ArgumentException(
                $"--normalize and prompts are for sentence encoders, and there is no {SentenceEncoderSettings.ModulesFile} in {folder}; " +
                    "say how tokens become a vector with --pooling");
        }

        _files = new SentenceFiles(folder);
        if (_isSaid) CheckModules();
        if (options.IsBareEncoder && _isSaid)
            throw Contradiction(SayingFile, "says how tokens become a vector", "--no-pooling");
        if (options.MaxLength is { } length && _found.MaxSequenceLength is { } known && known != length)
            throw Contradiction(_files.TransformerFile!, $"says {known} tokens at most", "--max-length");
        if (options.MaxLength is not null && _found.IsStatic)
            throw new ArgumentException("the files of a static model have no place for --max-length; give it where texts are read");
        foreach (var (name, text) in options.Prompts)
        {
            if (_found.Prompts.TryGetValue(name, out var prompt) && prompt != text)
                throw Contradiction(SentenceEncoderSettings.PromptsFile, $"has the prompt '{name}' as '{prompt}'", $"--{name}-prompt");
        }
    }

    /// <summary>Whether the sentence-transformers layout is written.</summary>
    public bool IsSentenceEncoder => _isSaid || _options.Pooling is not null;

    /// <summary>The settings for making vectors, after <see cref="Settle"/> has determined them.</summary>
    public SentenceEncoderSettings Settings => _settings;

    /// <summary>The folder of the encoder inside that of the model. Empty if they are the same.</summary>
    public string EncoderFolder => _files.EncoderFolder;

    /// <summary>
    /// Checks that something says how an encoder from an ONNX file is pooled, or that it is not. Otherwise it would be pooled by the mean
    /// as soon as it is a folder.
    /// </summary>
    public void RequirePooling(string onnxFile)
    {
        if (IsSentenceEncoder || _options.IsBareEncoder) return;
        throw new InvalidModelFileException(onnxFile, null,
            $"does not say how tokens become a vector, and there is no {SentenceEncoderSettings.ModulesFile} in {_folder}; choose it " +
                "with --pooling (most models' is the mean, some use cls), or write an encoder without one with --no-pooling");
    }

    /// <summary>Determines what is written, and records where it was taken from.</summary>
    public void Settle(ModelConfiguration configuration, BertTokenizer? tokenizer, List<string> origins)
    {
        if (!IsSentenceEncoder)
        {
            origins.Add($"sentence vectors: none, as there is no {SentenceEncoderSettings.ModulesFile} in {_folder} and no --pooling");
            return;
        }

        var modules = _isSaid ? Path.Combine(_folder, SayingFile) : null;
        var length = Math.Min(configuration.MaxPositionEmbeddings, tokenizer?.ModelMaxLength ?? int.MaxValue);
        if (_options.MaxLength > configuration.MaxPositionEmbeddings)
        {
            throw new ArgumentException(
                $"--max-length is {_options.MaxLength}; the model has {configuration.MaxPositionEmbeddings} positions");
        }

        _settings = _found with
        {
            Pooling = _isSaid ? _found.Pooling : _options.Pooling!.Value,
            Normalize = _isSaid ? _found.Normalize : _options.Normalize,
            MaxSequenceLength = _found.MaxSequenceLength ?? _options.MaxLength ?? length,
            Prompts = _found.Prompts.Concat(_options.Prompts.Where(prompt => !_found.Prompts.ContainsKey(prompt.Key)))
                .ToDictionary(StringComparer.Ordinal),
        };
        origins.Add($"pooling: {_settings.Pooling.ToString().ToLowerInvariant()}; {modules ?? "--pooling"}");
        origins.Add($"normalized: {(_settings.Normalize ? "yes" : "no")}; {modules
            ?? (_options.Normalize ? "--normalize" : "nothing beside the source says so, and no --normalize")}");
        if (!_settings.IsStatic) origins.Add($"longest text: {_settings.MaxSequenceLength} tokens; " + (_found.MaxSequenceLength is not null
            ? Path.Combine(_folder, _files.TransformerFile!) : _options.MaxLength is not null ? "--max-length"
            : "what tokenizer and positions allow, as nothing beside the source says less, and no --max-length"));
        if (_settings.Prompts.Count == 0) origins.Add("prompts: none; neither beside the source nor given");
        foreach (var name in _settings.Prompts.Keys)
        {
            origins.Add($"prompt '{name}': " + (_found.Prompts.ContainsKey(name)
                ? Path.Combine(_folder, SentenceEncoderSettings.PromptsFile) : $"--{name}-prompt"));
        }
    }

    /// <summary>Writes the files, beginning with those of the source, whose fields are not changed.</summary>
    /// <param name="folder">The folder to write to.</param>
    /// <param name="width">The number of channels of a hidden state.</param>
    /// <param name="isFlat">
    /// Whether an encoder in a folder of its own in the source is written to the main folder. Files that name its folder are then written
    /// anew.
    /// </param>
    public void WriteTo(string folder, int width, bool isFlat)
    {
        if (!IsSentenceEncoder) return;
        FileProblem.MakeFolder(folder);
        if (isFlat && EncoderFolder.Length > 0)
        {
            SentenceFilesWriter.WriteModules(folder, _settings, width);
            if (!_settings.IsStatic) SentenceFilesWriter.WriteLength(folder, _files.TransformerFile, _settings);
            SentenceFilesWriter.WritePrompts(folder, _settings);
            return;
        }

        _files.CopyTo(folder);
        if (!_hasModules) SentenceFilesWriter.WriteModules(folder, _settings, width);
        if (_found.MaxSequenceLength is null && !_found.IsStatic)
            SentenceFilesWriter.WriteLength(Path.Combine(folder, EncoderFolder), _files.TransformerFile, _settings);
        if (_settings.Prompts.Count > _found.Prompts.Count || !_hasModules) SentenceFilesWriter.WritePrompts(folder, _settings);
    }

    /// <summary>The file that says how vectors are made. For a static model, config.json is sufficient.</summary>
    private string SayingFile => _hasModules ? SentenceEncoderSettings.ModulesFile : ModelConfiguration.FileName;

    private void CheckModules()
    {
        if (_options.Pooling is { } pooling && pooling != _found.Pooling)
            throw Contradiction(SayingFile, $"has the pooling {_found.Pooling}", "--pooling");
        if (_options.Normalize && !_found.Normalize)
            throw Contradiction(SayingFile, "does not normalize", "--normalize");
    }

    private InvalidModelFileException Contradiction(string file, string says, string option) =>
        new(Path.Combine(_folder, file), null, $"{says}; {option} contradicts it: leave it out, or change the file");
}
