using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.ModelFolders;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.Embedding;
using SqueezeBert.Tokenization;

namespace SqueezeBert;

/// <summary>
/// Makes vectors of texts, alike for texts that are alike: with a sentence-transformers folder what its users know, else pooled hidden
/// states of any encoder. Thread-safe: concurrent callers share the weights, each has its own session.
/// </summary>
public sealed class TextEmbedder : IDisposable
{
    private readonly Pipeline<EmbeddingWorker, (string Text, string? Prompt), TextEmbedding> _pipeline;

    private TextEmbedder(PipelineModel model, SentenceEncoderSettings settings, int dimensions, LongText longText)
    {
        Settings = settings;
        Dimensions = dimensions;
        _pipeline = new(model, model => new EmbeddingWorker(model, settings, dimensions, longText));
    }

    /// <summary>What the folder says, with the options in their places.</summary>
    public SentenceEncoderSettings Settings { get; }

    /// <summary>Components of a vector.</summary>
    public int Dimensions { get; }

    /// <summary>Tokens of a text at most, special tokens and a prompt's included; longer texts are truncated or read in windows.</summary>
    public int MaxLength => _pipeline.Model.MaxLength;

    /// <summary>The model's tokenizer.</summary>
    public BertTokenizer Tokenizer => _pipeline.Model.Tokenizer;

    /// <summary>The model's configuration.</summary>
    public ModelConfiguration Configuration => _pipeline.Model.Configuration;

    /// <summary>Loads a sentence-transformers folder, any model's folder or an ONNX file: a head is not used.</summary>
    /// <param name="path">
    /// A folder or an ONNX file on disk; nothing is ever downloaded. An ONNX file without a modules.json needs
    /// <see cref="TextEmbedderOptions.Pooling"/>.
    /// </param>
    /// <param name="options">Null for what the folder says.</param>
    /// <exception cref="InvalidModelFileException">
    /// No such folder (the message names the nearest that exist), a file is missing or damaged, the files do not fit each other, or a
    /// module of the folder is not supported.
    /// </exception>
    /// <exception cref="NotSupportedException">The model is of an unsupported architecture.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TextEmbedder Load(string path, TextEmbedderOptions? options = null)
    {
        options ??= new TextEmbedderOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Dimensions ?? 1, 1, nameof(options.Dimensions));
        var settings = SentenceEncoderSettings.Load(path);
        if (options.Pooling is null) CheckPooling(path);
        settings = settings with
        {
            Pooling = options.Pooling ?? settings.Pooling,
            Normalize = options.Normalize ?? settings.Normalize,
            MaxSequenceLength = options.MaxLength ?? settings.MaxSequenceLength,
        };
        var model = PipelineModel.Load(settings.ModelPath, ModelHead.None, options with { MaxLength = settings.MaxSequenceLength });
        var width = model.Configuration.HiddenSize;
        if (options.Dimensions <= width || options.Dimensions is null)
            return new TextEmbedder(model, settings, options.Dimensions ?? width, options.LongText);
        model.Dispose();
        throw new ArgumentOutOfRangeException(nameof(options.Dimensions), options.Dimensions,
            $"The model's vectors have {width} components.");
    }

    /// <summary>Makes the vector of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="promptName">Which of the folder's prompts to put before it ("query", "passage"); null for the folder's default, if it
    /// has one.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <exception cref="ArgumentException">The folder has no prompt of that name; the message lists those it has.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public TextEmbedding Embed(string text, string? promptName = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.Run((text, Prompt(promptName)), cancellationToken);
    }

    /// <summary>Makes vectors of texts together, which is faster than one by one. Each has the same bits as alone.</summary>
    /// <returns>As many vectors, in the order of the texts.</returns>
    /// <inheritdoc cref="Embed(string, string, CancellationToken)"/>
    public IReadOnlyList<TextEmbedding> Embed(IReadOnlyList<string> texts, string? promptName = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var prompt = Prompt(promptName);
        return _pipeline.RunAll(texts.Select(text => (text, prompt)), cancellationToken);
    }

    /// <summary>Makes vectors of a sequence of any length in batches; results come in order while the rest is still to be read.</summary>
    /// <inheritdoc cref="Embed(string, string, CancellationToken)"/>
    public IEnumerable<TextEmbedding> EmbedStream(
        IEnumerable<string> texts, string? promptName = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var prompt = Prompt(promptName);
        return _pipeline.Stream(texts.Select(text => (text, prompt)), cancellationToken);
    }

    /// <summary>
    /// As <see cref="EmbedStream"/> for a source that is awaited; the work runs on the caller's thread between two texts.
    /// </summary>
    /// <inheritdoc cref="Embed(string, string, CancellationToken)"/>
    public IAsyncEnumerable<TextEmbedding> EmbedStreamAsync(
        IAsyncEnumerable<string> texts, string? promptName = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var prompt = Prompt(promptName);
        return _pipeline.StreamAsync(texts.Select(text => (text, prompt)), cancellationToken);
    }

    /// <summary>The inner path: a vector into a span; allocates nothing once warm.</summary>
    /// <param name="text">The text.</param>
    /// <param name="vector">At least <see cref="Dimensions"/> elements.</param>
    /// <param name="promptName">Which of the folder's prompts to put before it; null for the folder's default, if it has one.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <returns>Whether the text was truncated.</returns>
    public bool Embed(ReadOnlySpan<char> text, Span<float> vector, string? promptName = null, CancellationToken cancellationToken = default)
    {
        if (vector.Length < Dimensions)
            throw new ArgumentException($"a vector has {Dimensions} components, the span {vector.Length}", nameof(vector));
        var prompt = Prompt(promptName);
        var worker = _pipeline.Rent();
        try
        {
            worker.Add(text, prompt, cancellationToken);
            worker.Finish(cancellationToken);
            worker.Vector(0).CopyTo(vector);
            return worker.IsTruncated(0);
        }
        finally
        {
            _pipeline.Return(worker);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _pipeline.Dispose();

    /// <summary>An ONNX file alone does not say how it is pooled, and a wrong pooling gives vectors that look right.</summary>
    private static void CheckPooling(string path)
    {
        var location = ModelLocation.Of(path);
        if (location.OnnxFile is null || SentenceEncoderSettings.Exists(location.Folder)) return;
        throw new InvalidModelFileException(location.OnnxFile, null,
            $"does not say how tokens become a vector, and there is no {SentenceEncoderSettings.ModulesFile} in {location.Folder}; " +
                $"choose it "
                + $"with {nameof(TextEmbedderOptions)}.{nameof(TextEmbedderOptions.Pooling)} (--pooling): most models' is the mean, " +
                    $"some use cls");
    }

    private string? Prompt(string? name)
    {
        name ??= Settings.DefaultPromptName;
        if (name is null) return null;
        if (!Settings.Prompts.TryGetValue(name, out var prompt))
        {
            var known = Settings.Prompts.Count == 0 ? "none" : string.Join(", ", Settings.Prompts.Keys.Order(StringComparer.Ordinal));
            throw new ArgumentException($"the model has no prompt '{name}'; it has {known}", nameof(name));
        }

        return prompt.Length == 0 ? null : prompt;
    }
}
