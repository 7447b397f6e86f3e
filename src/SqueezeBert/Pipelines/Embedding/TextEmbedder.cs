using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.ModelFolders;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.Embedding;

namespace SqueezeBert;

/// <summary>
/// Makes vectors of texts, alike for texts that are alike: with a sentence-transformers folder what its users know, else pooled hidden
/// states of any encoder. Thread-safe: any number of callers share the weights.
/// </summary>
public sealed class TextEmbedder : TextPipeline
{
    private readonly Pipeline<EmbeddingWorker, EmbeddingInput, TextEmbedding> _pipeline;

    /// <summary>Makes one of a model that others may use too, and that is not disposed with it.</summary>
    /// <param name="model">Any model; a head is not used.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="UnsupportedModelException">The model is of another kind.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public TextEmbedder(InferenceModel model, TextEmbedderOptions? options = null)
        : this(model, options ?? new TextEmbedderOptions(), ownsModel: false)
    {
    }

    private TextEmbedder(InferenceModel model, TextEmbedderOptions options, bool ownsModel)
        : this(model, options, SettingsOf(model, options), ownsModel)
    {
    }

    private TextEmbedder(InferenceModel model, TextEmbedderOptions options, SentenceEncoderSettings settings, bool ownsModel)
        : base(new PipelineModel(
            model, ownsModel, ModelHead.None, [OutputNames.LastHiddenState], options, nameof(TextEmbedder),
            defaultLength: settings.MaxSequenceLength))
    {
        Settings = settings with { MaxSequenceLength = MaxLength };
        Dimensions = options.Dimensions ?? model.Configuration.HiddenSize;
        _pipeline = new(Loaded, model => new EmbeddingWorker(model, settings, Dimensions));
    }

    /// <summary>What the folder says, with the options in their places.</summary>
    public SentenceEncoderSettings Settings { get; }

    /// <summary>Components of a vector.</summary>
    public int Dimensions { get; }

    /// <summary>
    /// Tells this embedder's vectors from others', in 32 hexadecimal digits: <see cref="InferenceModel.Fingerprint"/>, unless an option
    /// pools otherwise than the folder says. Vectors can be compared where it is the same; dimensions and normalization have no part in it.
    /// The model's files are read for it at the first call.
    /// </summary>
    /// <exception cref="InvalidOperationException">The files were changed after they were loaded.</exception>
    /// <exception cref="InvalidModelFileException">They cannot be read any more.</exception>
    public string Fingerprint
    {
        get
        {
            if (Settings.Pooling == Model.SentenceSettings.Pooling) return Model.Fingerprint;
            var hash = new StreamingHash();
            hash.Add(Model.Fingerprint);
            hash.Add(Settings.Pooling.ToString());
            return hash.ToString();
        }
    }

    /// <summary>Loads a sentence-transformers folder, any model's folder or an ONNX file: a head is not used.</summary>
    /// <param name="source">
    /// A folder or an ONNX file on disk; nothing is ever downloaded. An ONNX file without a modules.json needs
    /// <see cref="TextEmbedderOptions.Pooling"/>.
    /// </param>
    /// <param name="options">Null for what the folder says.</param>
    /// <param name="model">How the model computes; null for the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// No such folder (the message names the nearest that exist), a file is missing or damaged, the files do not fit each other, or a
    /// module of the folder is not supported.
    /// </exception>
    /// <exception cref="UnsupportedModelException">The model is of an unsupported architecture.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TextEmbedder Load(ModelSource source, TextEmbedderOptions? options = null, ModelOptions? model = null) =>
        PipelineModel.Load(
            source, model, ModelHead.None, options,
            model => new TextEmbedder(model, options ?? new TextEmbedderOptions(), ownsModel: true));

    /// <summary>Makes the vector of a text on the caller's thread.</summary>
    /// <param name="text">The text.</param>
    /// <param name="promptName">Which of the folder's prompts to put before it ("query", "passage"); null for the folder's default, if it
    /// has one.</param>
    /// <param name="reading">How much is read; null: as the options say.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <exception cref="ArgumentException">A text is null (of several, the message has its index), or longer than is read where that is an
    /// error, or the folder has no prompt of that name; the message lists those it has.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline or its model is disposed.</exception>
    public TextEmbedding Embed(
        string text, string? promptName = null, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.Run(new EmbeddingInput(text, Prompt(promptName)), reading, cancellationToken);
    }

    /// <summary>Makes the vector of texts together, which is faster than one by one. Each result has the same bits as alone.</summary>
    /// <returns>As many results, in the order of the texts.</returns>
    /// <inheritdoc cref="Embed(string, string, ReadingOptions, CancellationToken)"/>
    public IReadOnlyList<TextEmbedding> Embed(
        IReadOnlyList<string> texts, string? promptName = null, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var prompt = Prompt(promptName);
        return _pipeline.RunAll([.. texts.Select(text => new EmbeddingInput(text, prompt))], reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// As <see cref="Embed(string, string, ReadingOptions, CancellationToken)"/> in the model's queue, where the calls of all its pipelines
    /// meet and are computed together. Nothing waits while the model is idle. Cancelling ends this call only; a token with a timeout is a
    /// deadline.
    /// </summary>
    /// <exception cref="QueueFullException">The queue is full, and the model's options say that calls do not wait for room.</exception>
    /// <inheritdoc cref="Embed(string, string, ReadingOptions, CancellationToken)"/>
    public Task<TextEmbedding> EmbedAsync(
        string text, string? promptName = null, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.RunAsync(new EmbeddingInput(text, Prompt(promptName)), reading, cancellationToken);
    }

    /// <summary>Makes the vector of texts in the model's queue; they may be computed in several batches.</summary>
    /// <exception cref="QueueFullException">The queue is full, and the model's options say that calls do not wait for room.</exception>
    /// <inheritdoc cref="Embed(IReadOnlyList{string}, string, ReadingOptions, CancellationToken)"/>
    public Task<IReadOnlyList<TextEmbedding>> EmbedAsync(
        IReadOnlyList<string> texts, string? promptName = null, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var prompt = Prompt(promptName);
        return _pipeline.RunAllAsync([.. texts.Select(text => new EmbeddingInput(text, prompt))], reading, nameof(texts),
            cancellationToken);
    }

    /// <summary>
    /// Makes the vector of a sequence of any length in batches; results come in order while the rest is still to be read. Whether the next
    /// one is there cannot be seen, so a batch is always filled: a source that pauses is better read by <see cref="EmbedStreamAsync"/>.
    /// </summary>
    /// <inheritdoc cref="Embed(string, string, ReadingOptions, CancellationToken)"/>
    public IEnumerable<TextEmbedding> EmbedStream(
        IEnumerable<string> texts, string? promptName = null, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var prompt = Prompt(promptName);
        return _pipeline.Stream(texts.Select(text => new EmbeddingInput(text, prompt)), reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// As <see cref="EmbedStream"/> for a source that is awaited: whenever it has nothing ready, what is there is computed and given. The
    /// work runs on the reader's thread.
    /// </summary>
    /// <param name="texts">The texts.</param>
    /// <param name="promptName">Which of the folder's prompts to put before it ("query", "passage"); null for the folder's default, if it
    /// has one.</param>
    /// <param name="reading">How much of each is read; null: as the options say.</param>
    /// <param name="maxLatency">How long one may wait for others of its batch where the source never pauses; null: until the batch is
    /// full.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    public IAsyncEnumerable<TextEmbedding> EmbedStreamAsync(
        IAsyncEnumerable<string> texts, string? promptName = null, ReadingOptions? reading = null, TimeSpan? maxLatency = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var prompt = Prompt(promptName);
        return _pipeline.StreamAsync(texts.Select(text => new EmbeddingInput(text, prompt)), reading, maxLatency, nameof(texts),
            cancellationToken);
    }

    /// <summary>The inner path: a vector into a span; allocates nothing once warm.</summary>
    /// <param name="text">The text.</param>
    /// <param name="vector">At least <see cref="Dimensions"/> elements.</param>
    /// <param name="read">What was read of the text, a prompt included.</param>
    /// <param name="promptName">Which of the folder's prompts to put before it; null for the folder's default, if it has one.</param>
    /// <param name="reading">How much is read; null: as the options say.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <exception cref="ArgumentException">The span is too short, the text longer than is read where that is an error, or the folder has no
    /// such prompt.</exception>
    public void Embed(
        ReadOnlySpan<char> text, Span<float> vector, out ReadInfo read, string? promptName = null, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default)
    {
        if (vector.Length < Dimensions)
            throw new ArgumentException($"a vector has {Dimensions} components, the span {vector.Length}", nameof(vector));
        var prompt = Prompt(promptName);
        var resolved = _pipeline.Model.Of(reading);
        var worker = _pipeline.Rent();
        try
        {
            worker.Add(text, prompt, resolved, cancellationToken);
            worker.Finish(cancellationToken);
            worker.Vector(0).CopyTo(vector);
            read = worker.Read(0);
        }
        finally
        {
            _pipeline.Return(worker);
        }
    }

    /// <inheritdoc/>
    public override void WarmUp(CancellationToken cancellationToken = default) => Embed("a", null, null, cancellationToken);

    private static SentenceEncoderSettings SettingsOf(InferenceModel model, TextEmbedderOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (options.Pooling is { } pooling && !Enum.IsDefined(pooling))
            throw new ArgumentOutOfRangeException(nameof(options.Pooling), pooling, "There is no such pooling.");
        var width = model.Configuration.HiddenSize;
        if (options.Dimensions is { } dimensions && (dimensions < 1 || dimensions > width))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options.Dimensions), dimensions, $"The model's vectors have {width} components.");
        }

        if (options.Pooling is null && model.Source.Files is null) CheckPooling(model.Source.Path);
        var settings = model.SentenceSettings;
        return settings with { Pooling = options.Pooling ?? settings.Pooling, Normalize = options.Normalize ?? settings.Normalize };
    }

    /// <summary>An ONNX file alone does not say how it is pooled, and a wrong pooling gives vectors that look right.</summary>
    private static void CheckPooling(string path)
    {
        var location = ModelLocation.Of(path);
        if (location.OnnxFile is null || SentenceEncoderSettings.Exists(location.Folder)) return;
        throw new InvalidModelFileException(location.OnnxFile, null,
            $"does not say how tokens become a vector, and there is no {SentenceEncoderSettings.ModulesFile} in {location.Folder}; " +
                $"choose it with {nameof(TextEmbedderOptions)}.{nameof(TextEmbedderOptions.Pooling)} (--pooling): most models' is the " +
                    "mean, some use cls");
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
