using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.Features;

namespace SqueezeBert;

/// <summary>
/// Returns the hidden states of an encoder, one vector per token, as input for your own classifier or analysis. The class is thread-safe:
/// any number of threads may call one instance.
/// </summary>
public sealed class FeatureExtractor : TextPipeline
{
    private readonly Pipeline<FeatureWorker, string, TextFeatures> _pipeline;

    /// <summary>Creates a pipeline on a model that other pipelines may share. Disposing the pipeline does not dispose the model.</summary>
    /// <param name="model">Any model. A head is not used.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <exception cref="UnsupportedModelException">The model reads fewer tokens at once than the task needs.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the options name a head.</exception>
    public FeatureExtractor(InferenceModel model, FeatureExtractorOptions? options = null)
        : this(model, options ?? new FeatureExtractorOptions(), ownsModel: false)
    {
    }

    private FeatureExtractor(InferenceModel model, FeatureExtractorOptions options, bool ownsModel)
        : this(model, options, OutputOf(model, options), ownsModel)
    {
    }

    private FeatureExtractor(InferenceModel model, FeatureExtractorOptions options, string output, bool ownsModel)
        : this(new PipelineModel(model, ownsModel, ModelHead.None, [output], options, nameof(FeatureExtractor)), output)
    {
    }

    private FeatureExtractor(PipelineModel model, string output)
        : base(model) => _pipeline = new(model, model => new FeatureWorker(model, output));

    /// <summary>The number of channels of a hidden state.</summary>
    public int Width => Configuration.HiddenSize;

    /// <summary>Loads a model (config.json, weights and vocabulary) and creates a pipeline that owns it. A head is not used.</summary>
    /// <param name="source">A folder or file on disk, or files in memory. Nothing is ever downloaded.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="model">How the model computes. Null uses the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// The folder does not exist (the message names the nearest existing ones), a file is missing or damaged, or the files do not fit
    /// together.
    /// </exception>
    /// <exception cref="UnsupportedModelException">The model's architecture is not supported.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the options name a head.</exception>
    public static FeatureExtractor Load(ModelSource source, FeatureExtractorOptions? options = null, ModelOptions? model = null) =>
        PipelineModel.Load(
            source, model, ModelHead.None, options,
            model => new FeatureExtractor(model, options ?? new FeatureExtractorOptions(), ownsModel: true));

    /// <summary>Returns the hidden states of a text on the caller's thread.</summary>
    /// <param name="text">The text.</param>
    /// <param name="reading">How much of the input is read. Null uses the pipeline's options.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="ArgumentException">
    /// A text is null (for several texts, the message has the index), or it has more tokens than are read at once and
    /// <see cref="ReadingOptions.LongText"/> is <see cref="LongText.Error"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline or its model has been disposed.</exception>
    public TextFeatures Extract(
        string text, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.Run(text, reading, cancellationToken);
    }

    /// <summary>
    /// Returns the hidden states of several texts in one call, which is faster than one call per text. Each result has the same bits as a
    /// call for that text alone.
    /// </summary>
    /// <returns>One result per text, in the order of the texts.</returns>
    /// <inheritdoc cref="Extract(string, ReadingOptions, CancellationToken)"/>
    public IReadOnlyList<TextFeatures> Extract(
        IReadOnlyList<string> texts, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.RunAll(texts, reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// Like <see cref="Extract(string, ReadingOptions, CancellationToken)"/>, as an asynchronous call. It joins the model's queue, where
    /// the calls of all pipelines on the model are computed in shared batches. An idle model starts at once. Cancelling ends this call
    /// only, so a token with a timeout acts as a deadline.
    /// </summary>
    /// <exception cref="QueueFullException">
    /// The queue is full, and <see cref="ModelOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.
    /// </exception>
    /// <inheritdoc cref="Extract(string, ReadingOptions, CancellationToken)"/>
    public Task<TextFeatures> ExtractAsync(
        string text, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.RunAsync(text, reading, cancellationToken);
    }

    /// <summary>
    /// Returns the hidden states of several texts asynchronously, through the model's queue. They may be computed in several batches.
    /// </summary>
    /// <exception cref="QueueFullException">
    /// The queue is full, and <see cref="ModelOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.
    /// </exception>
    /// <inheritdoc cref="Extract(IReadOnlyList{string}, ReadingOptions, CancellationToken)"/>
    public Task<IReadOnlyList<TextFeatures>> ExtractAsync(
        IReadOnlyList<string> texts, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.RunAllAsync(texts, reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// Returns the hidden states of a sequence of texts of any length in batches. Results are returned in order while the rest of the
    /// sequence is still unread. Each batch is read completely before its first result, so use the asynchronous method for a source that
    /// pauses: <see cref="ExtractStreamAsync"/>.
    /// </summary>
    /// <inheritdoc cref="Extract(string, ReadingOptions, CancellationToken)"/>
    public IEnumerable<TextFeatures> ExtractStream(
        IEnumerable<string> texts, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.Stream(texts, reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// Like <see cref="ExtractStream"/>, for an asynchronous source. Whenever the source has no item ready, the items read so far are
    /// computed and returned. The work runs on the consumer's thread.
    /// </summary>
    /// <param name="texts">The texts.</param>
    /// <param name="reading">How much of each input is read. Null uses the pipeline's options.</param>
    /// <param name="maxLatency">
    /// The longest time that an item waits for its batch to fill while the source never pauses; zero or more. Null waits until the batch is
    /// full.
    /// </param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="maxLatency"/> is negative, or a value of <paramref name="reading"/> is out of range.
    /// </exception>
    public IAsyncEnumerable<TextFeatures> ExtractStreamAsync(
        IAsyncEnumerable<string> texts, ReadingOptions? reading = null, TimeSpan? maxLatency = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.StreamAsync(texts, reading, maxLatency, nameof(texts), cancellationToken);
    }

    /// <summary>Writes the hidden states of a text into a span. This overload allocates nothing after the first calls.</summary>
    /// <param name="text">The text.</param>
    /// <param name="features">
    /// Receives the hidden states with the shape [tokens, <see cref="Width"/>], in row-major order, from [CLS] to [SEP]. A truncated text
    /// has at most <see cref="TextPipeline.MaxLength"/> rows.
    /// </param>
    /// <param name="read">Receives how much of the text was read. Its token count is the number of rows.</param>
    /// <param name="reading">How much of the input is read. Null uses the pipeline's options.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="ArgumentException">
    /// The span is too short, or the text has more tokens than are read at once and <see cref="ReadingOptions.LongText"/> is
    /// <see cref="LongText.Error"/>.
    /// </exception>
    public void Extract(
        ReadOnlySpan<char> text, Span<float> features, out ReadInfo read, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default)
    {
        var resolved = _pipeline.Model.Of(reading);
        var worker = _pipeline.Rent();
        try
        {
            worker.Add(text, resolved, cancellationToken);
            worker.Finish(cancellationToken);
            var values = worker.Values(0);
            if (features.Length < values.Length)
                throw new ArgumentException($"the text needs {values.Length} elements, not {features.Length}", nameof(features));
            values.CopyTo(features);
            read = worker.Read(0);
        }
        finally
        {
            _pipeline.Return(worker);
        }
    }

    /// <inheritdoc/>
    public override void WarmUp(CancellationToken cancellationToken = default) => Extract("a", null, cancellationToken);

    private static string OutputOf(InferenceModel model, FeatureExtractorOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (options.Layer is not { } layer) return OutputNames.LastHiddenState;
        var layers = model.Configuration.LayerCount;
        return layer >= 0 && layer <= layers ? OutputNames.HiddenState(layer) : throw new ArgumentOutOfRangeException(
            nameof(options.Layer), layer, $"The model has {layers} layers; 0 stands for the embeddings.");
    }
}
