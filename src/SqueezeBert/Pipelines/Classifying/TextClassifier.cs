using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.Classifying;

namespace SqueezeBert;

/// <summary>
/// Gives texts the labels of a sequence-classification model. Thread-safe: any number of callers share the weights.
/// </summary>
public sealed class TextClassifier : TextPipeline
{
    private readonly Pipeline<ClassificationWorker, TextPair, Classification> _pipeline;

    /// <summary>Makes a classifier of a model that others may use too, and that is not disposed with it.</summary>
    /// <param name="model">A model for sequence classification.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="UnsupportedModelException">The model is of another kind.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
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

    /// <summary>Names of the labels by id.</summary>
    public IReadOnlyList<string> Labels => Configuration.Labels;

    /// <summary>
    /// What the scores mean: as the configuration says, else by the number of labels (one has a sigmoid), as in transformers.
    /// </summary>
    public ProblemType ProblemType => ClassificationScores.ProblemOf(Configuration);

    /// <summary>Loads a model of the classifier's own: config.json, weights, vocabulary.</summary>
    /// <param name="source">A folder or file on disk; nothing is ever downloaded.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="model">How the model computes; null for the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// No such folder (the message names the nearest that exist), a file is missing or damaged, or the files do not fit each other.
    /// </exception>
    /// <exception cref="UnsupportedModelException">The model is of another kind than a sequence classifier, or of an unsupported
    /// architecture.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TextClassifier Load(ModelSource source, TextClassifierOptions? options = null, ModelOptions? model = null) =>
        PipelineModel.Load(
            source, model, ModelHead.SequenceClassification, options, model => new TextClassifier(model, options, ownsModel: true));

    /// <summary>Classifies a text, or a pair of texts such as a premise and a hypothesis, on the caller's thread.</summary>
    /// <param name="text">A string, or a <see cref="TextPair"/>.</param>
    /// <param name="reading">How much is read; null: as the options say.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <exception cref="ArgumentException">The text is null, or longer than is read where that is an error.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The classifier or its model is disposed.</exception>
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

    /// <summary>Classifies texts together, which is faster than one by one. A text's result has the same bits as alone.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="reading">How much of each is read; null: as the options say.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <returns>As many results, in the order of the texts.</returns>
    /// <exception cref="ArgumentException">A text is null (the message has its index), or longer than is read where that is an
    /// error.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The classifier or its model is disposed.</exception>
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
    /// Classifies a text in the model's queue, where the calls of all its pipelines meet and are computed together. Nothing waits while the
    /// model is idle.
    /// </summary>
    /// <param name="text">A string, or a <see cref="TextPair"/>.</param>
    /// <param name="reading">How much is read; null: as the options say.</param>
    /// <param name="cancellationToken">Ends this call only; with a timeout it is a deadline.</param>
    /// <exception cref="QueueFullException">The queue is full, and the model's options say that calls do not wait for room.</exception>
    /// <inheritdoc cref="Classify(TextPair, ReadingOptions, CancellationToken)" path="/exception"/>
    public Task<Classification> ClassifyAsync(
        TextPair text, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text.Text, nameof(text));
        return _pipeline.RunAsync(text, reading, cancellationToken);
    }

    /// <summary>Classifies texts in the model's queue; they may be computed in several batches.</summary>
    /// <exception cref="QueueFullException">The queue is full, and the model's options say that calls do not wait for room.</exception>
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
    /// Classifies a sequence of any length in batches; results come in order while the rest is still to be read. Whether the next text is
    /// there cannot be seen, so a batch is always filled: a source that pauses is better read by
    /// <see cref="ClassifyStreamAsync(IAsyncEnumerable{string}, ReadingOptions, TimeSpan?, CancellationToken)"/>.
    /// </summary>
    /// <param name="texts">The texts; those of a batch are read before its first result is given.</param>
    /// <param name="reading">How much of each is read; null: as the options say.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <exception cref="ArgumentException">A text is null (the message has its index), or longer than is read where that is an
    /// error.</exception>
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
    /// As <see cref="ClassifyStream(IEnumerable{string}, ReadingOptions, CancellationToken)"/> for a source that is awaited: whenever it
    /// has nothing ready, what is there is computed and given. The work runs on the reader's thread.
    /// </summary>
    /// <param name="texts">The texts.</param>
    /// <param name="reading">How much of each is read; null: as the options say.</param>
    /// <param name="maxLatency">How long a text may wait for others of its batch where the source never pauses; null: until the batch is
    /// full.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
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
    /// The inner path: scores of every label, in the order of <see cref="Labels"/>, for a text of any length; allocates nothing once warm.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="scores">At least <see cref="Labels"/> elements.</param>
    /// <param name="read">What was read of the text.</param>
    /// <param name="reading">How much is read; null: as the options say.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <exception cref="ArgumentException">The span is too short, or the text longer than is read where that is an error.</exception>
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
