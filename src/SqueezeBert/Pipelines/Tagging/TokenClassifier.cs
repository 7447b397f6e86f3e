using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.Tagging;
using SqueezeBert.Tokenization;

namespace SqueezeBert;

/// <summary>
/// Finds entities such as names, places or parts of speech, with a token-classification model. The class is thread-safe: any number of
/// threads may call one instance.
/// </summary>
public sealed class TokenClassifier : TextPipeline
{
    private readonly Pipeline<TokenClassificationWorker, string, TokenClassification> _pipeline;

    /// <summary>Creates a pipeline on a model that other pipelines may share. Disposing the pipeline does not dispose the model.</summary>
    /// <param name="model">A model with a token-classification head.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <exception cref="UnsupportedModelException">
    /// The model has no head for this task, or it reads fewer tokens at once than the task needs.
    /// </exception>
    /// <exception cref="ArgumentException">An option is out of range, or the model has no head of the given name.</exception>
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

    /// <summary>The names of the labels, in the order of their ids.</summary>
    public IReadOnlyList<string> Labels => Configuration.Labels;

    /// <summary>Loads a model (config.json, weights and vocabulary) and creates a pipeline that owns it.</summary>
    /// <param name="source">A folder or file on disk, or files in memory. Nothing is ever downloaded.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="model">How the model computes. Null uses the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// The folder does not exist (the message names the nearest existing ones), a file is missing or damaged, or the files do not fit
    /// together.
    /// </exception>
    /// <exception cref="UnsupportedModelException">
    /// The model is not for token classification, or its architecture is not supported.
    /// </exception>
    /// <exception cref="ArgumentException">An option is out of range, or the model has no head of the given name.</exception>
    public static TokenClassifier Load(ModelSource source, TokenClassifierOptions? options = null, ModelOptions? model = null) =>
        PipelineModel.Load(
            source, model, ModelHead.TokenClassification, options,
            model => new TokenClassifier(model, options ?? new TokenClassifierOptions(), ownsModel: true));

    /// <summary>Finds the entities of a text on the caller's thread.</summary>
    /// <param name="text">The text.</param>
    /// <param name="reading">How much of the input is read. Null uses the pipeline's options.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="ArgumentException">
    /// A text is null (for several texts, the message has the index), or it has more tokens than are read at once and
    /// <see cref="ReadingOptions.LongText"/> is <see cref="LongText.Error"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline or its model has been disposed.</exception>
    public TokenClassification Classify(
        string text, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.Run(text, reading, cancellationToken);
    }

    /// <summary>
    /// Finds the entities of several texts in one call, which is faster than one call per text. Each result has the same bits as a call for
    /// that text alone.
    /// </summary>
    /// <returns>One result per text, in the order of the texts.</returns>
    /// <inheritdoc cref="Classify(string, ReadingOptions, CancellationToken)"/>
    public IReadOnlyList<TokenClassification> Classify(
        IReadOnlyList<string> texts, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.RunAll(texts, reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// Like <see cref="Classify(string, ReadingOptions, CancellationToken)"/>, as an asynchronous call. It joins the model's queue, where
    /// the calls of all pipelines on the model are computed in shared batches. An idle model starts at once. Cancelling ends this call
    /// only, so a token with a timeout acts as a deadline.
    /// </summary>
    /// <exception cref="QueueFullException">
    /// The queue is full, and <see cref="ModelOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.
    /// </exception>
    /// <inheritdoc cref="Classify(string, ReadingOptions, CancellationToken)"/>
    public Task<TokenClassification> ClassifyAsync(
        string text, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.RunAsync(text, reading, cancellationToken);
    }

    /// <summary>
    /// Finds the entities of several texts asynchronously, through the model's queue. They may be computed in several batches.
    /// </summary>
    /// <exception cref="QueueFullException">
    /// The queue is full, and <see cref="ModelOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.
    /// </exception>
    /// <inheritdoc cref="Classify(IReadOnlyList{string}, ReadingOptions, CancellationToken)"/>
    public Task<IReadOnlyList<TokenClassification>> ClassifyAsync(
        IReadOnlyList<string> texts, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.RunAllAsync(texts, reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// Finds the entities of a sequence of texts of any length in batches. Results are returned in order while the rest of the sequence is
    /// still unread. Each batch is read completely before its first result, so use the asynchronous method for a source that pauses:
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
    /// Like <see cref="ClassifyStream"/>, for an asynchronous source. Whenever the source has no item ready, the items read so far are
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
    public IAsyncEnumerable<TokenClassification> ClassifyStreamAsync(
        IAsyncEnumerable<string> texts, ReadingOptions? reading = null, TimeSpan? maxLatency = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.StreamAsync(texts, reading, maxLatency, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// Writes the probability of every label for every token into spans. This overload allocates nothing after the first calls.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="scores">
    /// Receives the probabilities with the shape [tokens, labels], in row-major order and without special tokens. Labels are in the order
    /// of <see cref="Labels"/>.
    /// </param>
    /// <param name="offsets">Receives the position of each token in the text.</param>
    /// <param name="read">Receives how much of the text was read.</param>
    /// <param name="reading">How much of the input is read. Null uses the pipeline's options.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <returns>The number of tokens.</returns>
    /// <exception cref="ArgumentException">
    /// A span is too short for the tokens, or the text has more tokens than are read at once and <see cref="ReadingOptions.LongText"/> is
    /// <see cref="LongText.Error"/>.
    /// </exception>
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

    /// <summary>
    /// Returns the probabilities [tokens, labels] and the position of each token in arrays of their own, for callers that cannot know how
    /// many tokens a text has: decomposition makes up to three of one syllable of Hangul. Also returns how much of the text was read.
    /// </summary>
    internal (float[] Scores, TokenOffset[] Offsets, ReadInfo Read) ScoreTokens(string text, CancellationToken cancellationToken)
    {
        var reading = _pipeline.Model.Of(null);
        var worker = _pipeline.Rent();
        try
        {
            worker.Add(text, null, reading, cancellationToken);
            worker.Finish(cancellationToken);
            return ([.. worker.Scores(0)], [.. worker.Offsets(0)], worker.Read(0));
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
