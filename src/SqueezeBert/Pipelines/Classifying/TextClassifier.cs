using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.Classifying;

namespace SqueezeBert;

/// <summary>
/// Classifies texts with a sequence-classification model. The class is thread-safe: any number of threads may call one instance.
/// </summary>
public sealed class TextClassifier : TextPipeline
{
    private readonly Pipeline<ClassificationWorker, TextPair, Classification> _pipeline;

    /// <summary>Creates a pipeline on a model that other pipelines may share. Disposing the pipeline does not dispose the model.</summary>
    /// <param name="model">A model with a sequence-classification head.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <exception cref="UnsupportedModelException">
    /// The model has no head for this task, or it reads fewer tokens at once than the task needs.
    /// </exception>
    /// <exception cref="ArgumentException">An option is out of range, or the model has no head of the given name.</exception>
    public TextClassifier(InferenceModel model, TextClassifierOptions? options = null)
        : this(model, options, ownsModel: false)
    {
    }

    private TextClassifier(InferenceModel model, TextClassifierOptions? options, bool ownsModel)
        : this(new PipelineModel(
            model, ownsModel, ModelHead.SequenceClassification, [OutputNames.Logits], options ?? new TextClassifierOptions(),
            nameof(TextClassifier)), options?.HasRawScores == true)
    {
    }

    private TextClassifier(PipelineModel model, bool hasRawScores)
        : base(model)
    {
        // What a regression gives is the logits as they are.
        var problem = hasRawScores ? ProblemType.Regression : ClassificationScores.ProblemOf(model.Configuration);
        var temperature = hasRawScores ? 1 : model.Configuration.CalibrationTemperature ?? 1;
        _pipeline = new(model, model => new ClassificationWorker(model, problem, temperature));
    }

    /// <summary>The names of the labels, in the order of their ids.</summary>
    public IReadOnlyList<string> Labels => Configuration.Labels;

    /// <summary>
    /// How the logits are interpreted: as the configuration says, or otherwise by the number of labels, as in transformers (a sigmoid for
    /// one label, a softmax for several).
    /// </summary>
    public ProblemType ProblemType => ClassificationScores.ProblemOf(Configuration);

    /// <summary>Loads a model (config.json, weights and vocabulary) and creates a pipeline that owns it.</summary>
    /// <param name="source">A folder or file on disk, or files in memory. Nothing is ever downloaded.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="model">How the model computes. Null uses the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// The folder does not exist (the message names the nearest existing ones), a file is missing or damaged, or the files do not fit
    /// together.
    /// </exception>
    /// <exception cref="UnsupportedModelException">
    /// The model has no sequence-classification head, or its architecture is not supported.
    /// </exception>
    /// <exception cref="ArgumentException">An option is out of range, or the model has no head of the given name.</exception>
    public static TextClassifier Load(ModelSource source, TextClassifierOptions? options = null, ModelOptions? model = null) =>
        PipelineModel.Load(
            source, model, ModelHead.SequenceClassification, options, model => new TextClassifier(model, options, ownsModel: true));

    /// <summary>Classifies a text, or a pair of texts such as a premise and a hypothesis, on the caller's thread.</summary>
    /// <param name="text">A string for a single text, or a <see cref="TextPair"/>.</param>
    /// <param name="reading">How much of the input is read. Null uses the pipeline's options.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="ArgumentException">
    /// The text is null, or it has more tokens than are read at once and <see cref="ReadingOptions.LongText"/> is
    /// <see cref="LongText.Error"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline or its model has been disposed.</exception>
    public Classification Classify(TextPair text, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text.Text, nameof(text));
        return _pipeline.Run(text, reading, cancellationToken);
    }

    /// <summary>Classifies a pair of texts, such as a premise and a hypothesis, on the caller's thread.</summary>
    /// <inheritdoc cref="Classify(TextPair, ReadingOptions, CancellationToken)"/>
    public Classification Classify(
        string text, string pair, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pair);
        return Classify(new TextPair(text, pair), reading, cancellationToken);
    }

    /// <summary>
    /// Classifies texts together in one call, which is faster than one call per text. Each result has the same bits as a call for that text
    /// alone.
    /// </summary>
    /// <param name="texts">The texts.</param>
    /// <param name="reading">How much of each input is read. Null uses the pipeline's options.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <returns>One result per text, in the order of the texts.</returns>
    /// <exception cref="ArgumentException">
    /// A text is null (the message has its index), or it has more tokens than are read at once and <see cref="ReadingOptions.LongText"/> is
    /// <see cref="LongText.Error"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline or its model has been disposed.</exception>
    public IReadOnlyList<Classification> Classify(
        IReadOnlyList<string> texts, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.RunAll(new TextPairs(texts), reading, nameof(texts), cancellationToken);
    }

    /// <inheritdoc cref="Classify(IReadOnlyList{string}, ReadingOptions, CancellationToken)"/>
    public IReadOnlyList<Classification> Classify(
        IReadOnlyList<TextPair> texts, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.RunAll(texts, reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// Classifies a text asynchronously. The call joins the model's queue, where the calls of all pipelines on the model are computed in
    /// shared batches. An idle model starts at once.
    /// </summary>
    /// <param name="text">A string for a single text, or a <see cref="TextPair"/>.</param>
    /// <param name="reading">How much of the input is read. Null uses the pipeline's options.</param>
    /// <param name="cancellationToken">Cancels this call only. A token with a timeout acts as a deadline.</param>
    /// <exception cref="QueueFullException">
    /// The queue is full, and <see cref="ModelOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.
    /// </exception>
    /// <inheritdoc cref="Classify(TextPair, ReadingOptions, CancellationToken)" path="/exception"/>
    public Task<Classification> ClassifyAsync(
        TextPair text, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text.Text, nameof(text));
        return _pipeline.RunAsync(text, reading, cancellationToken);
    }

    /// <summary>Classifies texts asynchronously, through the model's queue. They may be computed in several batches.</summary>
    /// <exception cref="QueueFullException">
    /// The queue is full, and <see cref="ModelOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.
    /// </exception>
    /// <inheritdoc cref="Classify(IReadOnlyList{string}, ReadingOptions, CancellationToken)"/>
    public Task<IReadOnlyList<Classification>> ClassifyAsync(
        IReadOnlyList<string> texts, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.RunAllAsync(new TextPairs(texts), reading, nameof(texts), cancellationToken);
    }

    /// <inheritdoc cref="ClassifyAsync(IReadOnlyList{string}, ReadingOptions, CancellationToken)"/>
    public Task<IReadOnlyList<Classification>> ClassifyAsync(
        IReadOnlyList<TextPair> texts, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.RunAllAsync(texts, reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// Classifies a sequence of any length in batches. Results are returned in order while the rest of the sequence is still unread. Each
    /// batch is read completely before its first result, so use the asynchronous method for a source that pauses:
    /// <see cref="ClassifyStreamAsync(IAsyncEnumerable{string}, ReadingOptions, TimeSpan?, CancellationToken)"/>.
    /// </summary>
    /// <param name="texts">The texts. All texts of a batch are read before the first result of the batch is returned.</param>
    /// <param name="reading">How much of each input is read. Null uses the pipeline's options.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="ArgumentException">
    /// A text is null (the message has its index), or it has more tokens than are read at once and <see cref="ReadingOptions.LongText"/> is
    /// <see cref="LongText.Error"/>.
    /// </exception>
    public IEnumerable<Classification> ClassifyStream(
        IEnumerable<string> texts, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.Stream(texts.Select(static text => new TextPair(text)), reading, nameof(texts), cancellationToken);
    }

    /// <inheritdoc cref="ClassifyStream(IEnumerable{string}, ReadingOptions, CancellationToken)"/>
    public IEnumerable<Classification> ClassifyStream(
        IEnumerable<TextPair> texts, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.Stream(texts, reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// Like <see cref="ClassifyStream(IEnumerable{string}, ReadingOptions, CancellationToken)"/>, for an asynchronous source. Whenever the
    /// source has no item ready, the items read so far are computed and returned. The work runs on the consumer's thread.
    /// </summary>
    /// <param name="texts">The texts.</param>
    /// <param name="reading">How much of each input is read. Null uses the pipeline's options.</param>
    /// <param name="maxLatency">
    /// The longest time that a text waits for its batch to fill while the source never pauses; zero or more. Null waits until the batch is
    /// full.
    /// </param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="maxLatency"/> is negative, or a value of <paramref name="reading"/> is out of range.
    /// </exception>
    public IAsyncEnumerable<Classification> ClassifyStreamAsync(
        IAsyncEnumerable<string> texts, ReadingOptions? reading = null, TimeSpan? maxLatency = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.StreamAsync(
            texts.Select(static text => new TextPair(text)), reading, maxLatency, nameof(texts), cancellationToken);
    }

    /// <inheritdoc cref="ClassifyStreamAsync(IAsyncEnumerable{string}, ReadingOptions, TimeSpan?, CancellationToken)"/>
    public IAsyncEnumerable<Classification> ClassifyStreamAsync(
        IAsyncEnumerable<TextPair> texts, ReadingOptions? reading = null, TimeSpan? maxLatency = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.StreamAsync(texts, reading, maxLatency, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// Writes the scores of all labels for a text of any length into a span, in the order of <see cref="Labels"/>. This overload allocates
    /// nothing after the first calls.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="scores">Receives one score per label. It must have at least as many elements as <see cref="Labels"/>.</param>
    /// <param name="read">Receives how much of the text was read.</param>
    /// <param name="reading">How much of the input is read. Null uses the pipeline's options.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="ArgumentException">
    /// The span is too short, or the text has more tokens than are read at once and <see cref="ReadingOptions.LongText"/> is
    /// <see cref="LongText.Error"/>.
    /// </exception>
    public void Classify(
        ReadOnlySpan<char> text, Span<float> scores, out ReadInfo read, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default)
    {
        if (scores.Length < Labels.Count)
            throw new ArgumentException($"{Labels.Count} labels need as many scores, not {scores.Length}", nameof(scores));
        var resolved = _pipeline.Model.Of(reading);
        var worker = _pipeline.Rent();
        try
        {
            worker.Add(text, resolved, cancellationToken);
            worker.Finish(cancellationToken);
            read = worker.Scores(0, scores);
        }
        finally
        {
            _pipeline.Return(worker);
        }
    }

    /// <inheritdoc/>
    public override void WarmUp(CancellationToken cancellationToken = default) => Classify("a", null, cancellationToken);
}
