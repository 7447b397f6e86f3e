using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.Tagging;
using SqueezeBert.Tokenization;

namespace SqueezeBert;

/// <summary>
/// Finds names, places, parts of speech: whatever a token-classification model labels. Thread-safe: any number of callers share the
/// weights.
/// </summary>
public sealed class TokenClassifier : TextPipeline
{
    private readonly Pipeline<TokenClassificationWorker, string, TokenClassification> _pipeline;

    /// <summary>Makes one of a model that others may use too, and that is not disposed with it.</summary>
    /// <param name="model">A model for token classification.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="UnsupportedModelException">The model is of another kind.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public TokenClassifier(InferenceModel model, TokenClassifierOptions? options = null)
        : this(model, options ?? new TokenClassifierOptions(), ownsModel: false)
    {
    }

    private TokenClassifier(InferenceModel model, TokenClassifierOptions options, bool ownsModel)
        : this(new PipelineModel(
            model, ownsModel, ModelHead.TokenClassification, [OutputNames.Logits], Checked(options), nameof(TokenClassifier)), options)
    {
    }

    private TokenClassifier(PipelineModel model, TokenClassifierOptions options)
        : base(model)
    {
        var labels = model.Configuration.Labels;
        var aggregator = new EntityAggregator(
            labels, options.Aggregation, options.IgnoredLabels, options.ForbidImpossibleTags ? new TagDecoder(labels) : null);
        _pipeline = new(model, model => new TokenClassificationWorker(model, aggregator));
    }

    /// <summary>Names of the labels by id.</summary>
    public IReadOnlyList<string> Labels => Configuration.Labels;

    /// <summary>Loads a model of the pipeline's own: config.json, weights, vocabulary.</summary>
    /// <param name="source">A folder or file on disk; nothing is ever downloaded.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="model">How the model computes; null for the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// No such folder (the message names the nearest that exist), a file is missing or damaged, or the files do not fit each other.
    /// </exception>
    /// <exception cref="UnsupportedModelException">The model is not for token classification, or of an unsupported
    /// architecture.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TokenClassifier Load(ModelSource source, TokenClassifierOptions? options = null, ModelOptions? model = null) =>
        PipelineModel.Load(
            source, model, ModelHead.TokenClassification, options,
            model => new TokenClassifier(model, options ?? new TokenClassifierOptions(), ownsModel: true));

    /// <summary>Finds the entities of a text on the caller's thread.</summary>
    /// <param name="text">The text.</param>
    /// <param name="reading">How much is read; null: as the options say.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <exception cref="ArgumentException">A text is null (of several, the message has its index), or longer than is read where that is an
    /// error.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline or its model is disposed.</exception>
    public TokenClassification Classify(
        string text, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.Run(text, reading, cancellationToken);
    }

    /// <summary>Finds the entities of texts together, which is faster than one by one. Each result has the same bits as alone.</summary>
    /// <returns>As many results, in the order of the texts.</returns>
    /// <inheritdoc cref="Classify(string, ReadingOptions, CancellationToken)"/>
    public IReadOnlyList<TokenClassification> Classify(
        IReadOnlyList<string> texts, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.RunAll(texts, reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// As <see cref="Classify(string, ReadingOptions, CancellationToken)"/> in the model's queue, where the calls of all its pipelines meet
    /// and are computed together. Nothing waits while the model is idle. Cancelling ends this call only; a token with a timeout is a
    /// deadline.
    /// </summary>
    /// <exception cref="QueueFullException">The queue is full, and the model's options say that calls do not wait for room.</exception>
    /// <inheritdoc cref="Classify(string, ReadingOptions, CancellationToken)"/>
    public Task<TokenClassification> ClassifyAsync(
        string text, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.RunAsync(text, reading, cancellationToken);
    }

    /// <summary>Finds the entities of texts in the model's queue; they may be computed in several batches.</summary>
    /// <exception cref="QueueFullException">The queue is full, and the model's options say that calls do not wait for room.</exception>
    /// <inheritdoc cref="Classify(IReadOnlyList{string}, ReadingOptions, CancellationToken)"/>
    public Task<IReadOnlyList<TokenClassification>> ClassifyAsync(
        IReadOnlyList<string> texts, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.RunAllAsync(texts, reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// Finds the entities of a sequence of any length in batches; results come in order while the rest is still to be read. Whether the
    /// next one is there cannot be seen, so a batch is always filled: a source that pauses is better read by
    /// <see cref="ClassifyStreamAsync"/>.
    /// </summary>
    /// <inheritdoc cref="Classify(string, ReadingOptions, CancellationToken)"/>
    public IEnumerable<TokenClassification> ClassifyStream(
        IEnumerable<string> texts, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.Stream(texts, reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// As <see cref="ClassifyStream"/> for a source that is awaited: whenever it has nothing ready, what is there is computed and given.
    /// The work runs on the reader's thread.
    /// </summary>
    /// <param name="texts">The texts.</param>
    /// <param name="reading">How much of each is read; null: as the options say.</param>
    /// <param name="maxLatency">How long one may wait for others of its batch where the source never pauses; null: until the batch is
    /// full.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    public IAsyncEnumerable<TokenClassification> ClassifyStreamAsync(
        IAsyncEnumerable<string> texts, ReadingOptions? reading = null, TimeSpan? maxLatency = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.StreamAsync(texts, reading, maxLatency, nameof(texts), cancellationToken);
    }

    /// <summary>The inner path: every token's probability of every label; allocates nothing once warm.</summary>
    /// <param name="text">The text.</param>
    /// <param name="scores">Receives [tokens, labels], row-major, labels in the order of <see cref="Labels"/>; no special tokens.</param>
    /// <param name="offsets">Receives where each token is in the text.</param>
    /// <param name="read">What was read of the text.</param>
    /// <param name="reading">How much is read; null: as the options say.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <returns>The number of tokens.</returns>
    /// <exception cref="ArgumentException">A span is too short for the tokens, or the text longer than is read where that is an
    /// error.</exception>
    public int Classify(
        ReadOnlySpan<char> text, Span<float> scores, Span<TokenOffset> offsets, out ReadInfo read, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default)
    {
        var resolved = _pipeline.Model.Of(reading);
        var worker = _pipeline.Rent();
        try
        {
            worker.Add(text, null, resolved, cancellationToken);
            worker.Finish(cancellationToken);
            var rows = worker.Scores(0);
            var places = worker.Offsets(0);
            if (scores.Length < rows.Length || offsets.Length < places.Length)
                throw new ArgumentException(
                    $"{places.Length} tokens need as many offsets and {rows.Length} scores, not {offsets.Length} and {scores.Length}",
                    nameof(scores));
            rows.CopyTo(scores);
            places.CopyTo(offsets);
            read = worker.Read(0);
            return places.Length;
        }
        finally
        {
            _pipeline.Return(worker);
        }
    }

    /// <inheritdoc/>
    public override void WarmUp(CancellationToken cancellationToken = default) => Classify("a", null, cancellationToken);

    private static TokenClassifierOptions Checked(TokenClassifierOptions options) => Enum.IsDefined(options.Aggregation)
        ? options
        : throw new ArgumentOutOfRangeException(nameof(options.Aggregation), options.Aggregation, "There is no such aggregation.");
}
