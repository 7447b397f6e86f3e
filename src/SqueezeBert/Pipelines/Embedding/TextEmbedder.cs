using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.ModelFolders;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.Embedding;

namespace SqueezeBert;

/// <summary>
/// Converts texts to vectors that are similar for texts with similar meanings. A sentence-transformers folder gives the vectors that the
/// reference library computes, and any other encoder gives its pooled hidden states. The class is thread-safe: any number of threads may
/// call one instance.
/// </summary>
public sealed class TextEmbedder : TextPipeline
{
    private readonly Pipeline<EmbeddingWorker, EmbeddingInput, TextEmbedding> _pipeline;

    /// <summary>Creates a pipeline on a model that other pipelines may share. Disposing the pipeline does not dispose the model.</summary>
    /// <param name="model">Any model. A head is not used.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <exception cref="UnsupportedModelException">The model reads fewer tokens at once than the task needs.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the options name a head.</exception>
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

    /// <summary>The settings of the model's folder, with the pooling and normalization that the options have replaced.</summary>
    public SentenceEncoderSettings Settings { get; }

    /// <summary>The number of components of a vector.</summary>
    public int Dimensions { get; }

    /// <summary>
    /// A fingerprint of the vectors in 32 hexadecimal digits. It is that of the model (<see cref="InferenceModel.Fingerprint"/>) unless an
    /// option replaces the pooling of the folder. Vectors with the same fingerprint can be compared. The number of dimensions and the
    /// normalization do not change it. The first access reads the model's files.
    /// </summary>
    /// <exception cref="InvalidOperationException">The files have changed since they were loaded.</exception>
    /// <exception cref="InvalidModelFileException">The files can no longer be read.</exception>
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

    /// <summary>
    /// Loads a model and creates a pipeline that owns it. The model is a sentence-transformers folder, the folder of any model, or an ONNX
    /// file. A head is not used.
    /// </summary>
    /// <param name="source">
    /// A folder or an ONNX file on disk, or files in memory. Nothing is ever downloaded. An ONNX file without a modules.json needs
    /// <see cref="TextEmbedderOptions.Pooling"/>.
    /// </param>
    /// <param name="options">The options. Null uses the settings of the folder.</param>
    /// <param name="model">How the model computes. Null uses the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// The folder does not exist (the message names the nearest existing ones), a file is missing or damaged, the files do not fit
    /// together, or a module of the folder is not supported.
    /// </exception>
    /// <exception cref="UnsupportedModelException">The model's architecture is not supported.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the options name a head.</exception>
    public static TextEmbedder Load(ModelSource source, TextEmbedderOptions? options = null, ModelOptions? model = null) =>
        PipelineModel.Load(
            source, model, ModelHead.None, options,
            model => new TextEmbedder(model, options ?? new TextEmbedderOptions(), ownsModel: true));

    /// <summary>Computes the vector of a text on the caller's thread.</summary>
    /// <param name="text">The text.</param>
    /// <param name="promptName">
    /// The name of the prompt that is put before the text ("query", "passage"). Null uses the default prompt of the folder, if there is
    /// one.
    /// </param>
    /// <param name="reading">How much of the input is read. Null uses the pipeline's options.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="ArgumentException">
    /// A text is null (for several texts, the message has the index), the folder has no prompt of that name (the message lists the prompts
    /// it has), or a text has more tokens than are read at once and <see cref="ReadingOptions.LongText"/> is <see cref="LongText.Error"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline or its model has been disposed.</exception>
    public TextEmbedding Embed(
        string text, string? promptName = null, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.Run(new EmbeddingInput(text, Prompt(promptName)), reading, cancellationToken);
    }

    /// <summary>
    /// Computes the vectors of several texts in one call, which is faster than one call per text. Each result has the same bits as a call
    /// for that text alone.
    /// </summary>
    /// <returns>One result per text, in the order of the texts.</returns>
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
    /// Like <see cref="Embed(string, string, ReadingOptions, CancellationToken)"/>, as an asynchronous call. It joins the model's queue,
    /// where the calls of all pipelines on the model are computed in shared batches. An idle model starts at once. Cancelling ends this
    /// call only, so a token with a timeout acts as a deadline.
    /// </summary>
    /// <exception cref="QueueFullException">
    /// The queue is full, and <see cref="ModelOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.
    /// </exception>
    /// <inheritdoc cref="Embed(string, string, ReadingOptions, CancellationToken)"/>
    public Task<TextEmbedding> EmbedAsync(
        string text, string? promptName = null, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.RunAsync(new EmbeddingInput(text, Prompt(promptName)), reading, cancellationToken);
    }

    /// <summary>
    /// Computes the vectors of several texts asynchronously, through the model's queue. They may be computed in several batches.
    /// </summary>
    /// <exception cref="QueueFullException">
    /// The queue is full, and <see cref="ModelOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.
    /// </exception>
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
    /// Computes the vectors of a sequence of texts of any length in batches. Results are returned in order while the rest of the sequence
    /// is still unread. Each batch is read completely before its first result, so use the asynchronous method for a source that pauses:
    /// <see cref="EmbedStreamAsync"/>.
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
    /// Like <see cref="EmbedStream"/>, for an asynchronous source. Whenever the source has no item ready, the items read so far are
    /// computed and returned. The work runs on the consumer's thread.
    /// </summary>
    /// <param name="texts">The texts.</param>
    /// <param name="promptName">
    /// The name of the prompt that is put before each text ("query", "passage"). Null uses the default prompt of the folder, if there is
    /// one.
    /// </param>
    /// <param name="reading">How much of each input is read. Null uses the pipeline's options.</param>
    /// <param name="maxLatency">
    /// The longest time that an item waits for its batch to fill while the source never pauses; zero or more. Null waits until the batch is
    /// full.
    /// </param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="maxLatency"/> is negative, or a value of <paramref name="reading"/> is out of range.
    /// </exception>
    public IAsyncEnumerable<TextEmbedding> EmbedStreamAsync(
        IAsyncEnumerable<string> texts, string? promptName = null, ReadingOptions? reading = null, TimeSpan? maxLatency = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var prompt = Prompt(promptName);
        return _pipeline.StreamAsync(texts.Select(text => new EmbeddingInput(text, prompt)), reading, maxLatency, nameof(texts),
            cancellationToken);
    }

    /// <summary>Writes the vector of a text into a span. This overload allocates nothing after the first calls.</summary>
    /// <param name="text">The text.</param>
    /// <param name="vector">Receives the vector. It must have at least <see cref="Dimensions"/> elements.</param>
    /// <param name="read">Receives how much of the text was read, including a prompt.</param>
    /// <param name="promptName">
    /// The name of the prompt that is put before the text. Null uses the default prompt of the folder, if there is one.
    /// </param>
    /// <param name="reading">How much of the input is read. Null uses the pipeline's options.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="ArgumentException">
    /// The span is too short, the folder has no prompt of that name, or the text has more tokens than are read at once and
    /// <see cref="ReadingOptions.LongText"/> is <see cref="LongText.Error"/>.
    /// </exception>
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

    /// <summary>Requires a pooling for an ONNX file without settings, because a wrong pooling gives vectors that look right.</summary>
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
