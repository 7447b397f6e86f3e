using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.Features;

namespace SqueezeBert;

/// <summary>
/// Gives the hidden states of an encoder, one vector for each token, for a classifier or an analysis of your own. Thread-safe: any number
/// of callers share the weights.
/// </summary>
public sealed class FeatureExtractor : TextPipeline
{
    private readonly Pipeline<FeatureWorker, string, TextFeatures> _pipeline;

    /// <summary>Makes one of a model that others may use too, and that is not disposed with it.</summary>
    /// <param name="model">Any model; a head is not used.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="UnsupportedModelException">The model is of another kind.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
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

    /// <summary>Channels of a token.</summary>
    public int Width => Configuration.HiddenSize;

    /// <summary>Loads a model of the pipeline's own: config.json, weights, vocabulary. A head is not used.</summary>
    /// <param name="source">A folder or file on disk; nothing is ever downloaded.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="model">How the model computes; null for the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// No such folder (the message names the nearest that exist), a file is missing or damaged, or the files do not fit each other.
    /// </exception>
    /// <exception cref="UnsupportedModelException">The model is of an unsupported architecture.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static FeatureExtractor Load(ModelSource source, FeatureExtractorOptions? options = null, ModelOptions? model = null) =>
        PipelineModel.Load(
            source, model, ModelHead.None, options,
            model => new FeatureExtractor(model, options ?? new FeatureExtractorOptions(), ownsModel: true));

    /// <summary>Gives the hidden states of a text on the caller's thread.</summary>
    /// <param name="text">The text.</param>
    /// <param name="reading">How much is read; null: as the options say.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <exception cref="ArgumentException">A text is null (of several, the message has its index), or longer than is read where that is an
    /// error.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline or its model is disposed.</exception>
    public TextFeatures Extract(
        string text, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.Run(text, reading, cancellationToken);
    }

    /// <summary>
    /// Gives the hidden states of texts together, which is faster than one by one. Each result has the same bits as alone.
    /// </summary>
    /// <returns>As many results, in the order of the texts.</returns>
    /// <inheritdoc cref="Extract(string, ReadingOptions, CancellationToken)"/>
    public IReadOnlyList<TextFeatures> Extract(
        IReadOnlyList<string> texts, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.RunAll(texts, reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// As <see cref="Extract(string, ReadingOptions, CancellationToken)"/> in the model's queue, where the calls of all its pipelines meet
    /// and are computed together. Nothing waits while the model is idle. Cancelling ends this call only; a token with a timeout is a
    /// deadline.
    /// </summary>
    /// <exception cref="QueueFullException">The queue is full, and the model's options say that calls do not wait for room.</exception>
    /// <inheritdoc cref="Extract(string, ReadingOptions, CancellationToken)"/>
    public Task<TextFeatures> ExtractAsync(
        string text, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.RunAsync(text, reading, cancellationToken);
    }

    /// <summary>Gives the hidden states of texts in the model's queue; they may be computed in several batches.</summary>
    /// <exception cref="QueueFullException">The queue is full, and the model's options say that calls do not wait for room.</exception>
    /// <inheritdoc cref="Extract(IReadOnlyList{string}, ReadingOptions, CancellationToken)"/>
    public Task<IReadOnlyList<TextFeatures>> ExtractAsync(
        IReadOnlyList<string> texts, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.RunAllAsync(texts, reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// Gives the hidden states of a sequence of any length in batches; results come in order while the rest is still to be read. Whether
    /// the next one is there cannot be seen, so a batch is always filled: a source that pauses is better read by
    /// <see cref="ExtractStreamAsync"/>.
    /// </summary>
    /// <inheritdoc cref="Extract(string, ReadingOptions, CancellationToken)"/>
    public IEnumerable<TextFeatures> ExtractStream(
        IEnumerable<string> texts, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.Stream(texts, reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// As <see cref="ExtractStream"/> for a source that is awaited: whenever it has nothing ready, what is there is computed and given. The
    /// work runs on the reader's thread.
    /// </summary>
    /// <param name="texts">The texts.</param>
    /// <param name="reading">How much of each is read; null: as the options say.</param>
    /// <param name="maxLatency">How long one may wait for others of its batch where the source never pauses; null: until the batch is
    /// full.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    public IAsyncEnumerable<TextFeatures> ExtractStreamAsync(
        IAsyncEnumerable<string> texts, ReadingOptions? reading = null, TimeSpan? maxLatency = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.StreamAsync(texts, reading, maxLatency, nameof(texts), cancellationToken);
    }

    /// <summary>The inner path: hidden states into a span; allocates nothing once warm.</summary>
    /// <param name="text">The text.</param>
    /// <param name="features">Receives [tokens, <see cref="Width"/>], row-major, [CLS] first and [SEP] last: of a truncated text at most
    /// <see cref="TextPipeline.MaxLength"/> rows.</param>
    /// <param name="read">What was read; as many rows as it has tokens.</param>
    /// <param name="reading">How much is read; null: as the options say.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <exception cref="ArgumentException">The span is too short, or the text longer than is read where that is an error.</exception>
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
