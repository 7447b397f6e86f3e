using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.ZeroShot;
using SqueezeBert.Tokenization;

namespace SqueezeBert;

/// <summary>
/// Classifies texts with labels that the model was not trained for. A model for natural language inference (MNLI) estimates how well a
/// sentence about each label follows from the text. The class is thread-safe: any number of threads may call one instance.
/// </summary>
public sealed class ZeroShotClassifier : TextPipeline
{
    private readonly Pipeline<ZeroShotWorker, ZeroShotInput, Classification> _pipeline;
    private readonly HypothesisTemplate _template;
    private readonly int _contradiction;

    /// <summary>Creates a pipeline on a model that other pipelines may share. Disposing the pipeline does not dispose the model.</summary>
    /// <param name="model">A sequence-classification model for text pairs that has an entailment label.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <exception cref="UnsupportedModelException">
    /// The model has no sequence-classification head, or none of its labels is the entailment label.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// An option is out of range, the template has no placeholder, or the model has no head of the given name.
    /// </exception>
    public ZeroShotClassifier(InferenceModel model, ZeroShotClassifierOptions? options = null)
        : this(model, options ?? new ZeroShotClassifierOptions(), ownsModel: false)
    {
    }

    private ZeroShotClassifier(InferenceModel model, ZeroShotClassifierOptions options, bool ownsModel)
        : this(new PipelineModel(
            model, ownsModel, ModelHead.SequenceClassification, [OutputNames.Logits], Checked(model, options), nameof(ZeroShotClassifier),
            shortest: 5), options)
    {
    }

    private ZeroShotClassifier(PipelineModel model, ZeroShotClassifierOptions options)
        : base(model)
    {
        var labels = model.Configuration.Labels;
        var entailment = Entailment(labels, options.EntailmentLabel);
        _contradiction = Contradiction(labels, entailment);
        _template = new HypothesisTemplate(options.HypothesisTemplate);
        EntailmentLabel = labels[entailment];
        _pipeline = new(model, model => new ZeroShotWorker(model, entailment, _contradiction));
    }

    /// <summary>The model's label for entailment.</summary>
    public string EntailmentLabel { get; }

    /// <summary>Loads a model (config.json, weights and vocabulary) and creates a pipeline that owns it.</summary>
    /// <param name="source">A folder or file on disk, or files in memory. Nothing is ever downloaded.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="model">How the model computes. Null uses the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// The folder does not exist (the message names the nearest existing ones), a file is missing or damaged, or the files do not fit
    /// together.
    /// </exception>
    /// <exception cref="UnsupportedModelException">
    /// The model has no sequence-classification head, none of its labels is the entailment label, or its architecture is not supported.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// An option is out of range, the template has no placeholder, or the model has no head of the given name.
    /// </exception>
    public static ZeroShotClassifier Load(ModelSource source, ZeroShotClassifierOptions? options = null, ModelOptions? model = null) =>
        PipelineModel.Load(
            source, model, ModelHead.SequenceClassification, options,
            model => new ZeroShotClassifier(model, options ?? new ZeroShotClassifierOptions(), ownsModel: true));

    /// <summary>Prepares candidate labels for use with many texts.</summary>
    /// <param name="labels">The candidate labels. With a single label, its score is the probability that the label applies.</param>
    /// <param name="multiLabel">
    /// False means that the scores of the labels add up to 1. True means that each label is scored independently, as entailment against
    /// contradiction. A single label is always scored this way.
    /// </param>
    /// <returns>The prepared labels.</returns>
    /// <exception cref="ArgumentException">
    /// There is no label, a label is empty or repeated, or a hypothesis leaves no room for a text.
    /// </exception>
    /// <exception cref="UnsupportedModelException">
    /// Labels are to be scored independently, which needs the model's contradiction label, and no label of the model can be identified as
    /// such.
    /// </exception>
    public ZeroShotLabels Prepare(IReadOnlyList<string> labels, bool multiLabel = false)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count == 0) throw new ArgumentException("no labels are given", nameof(labels));
        if (labels.Any(string.IsNullOrWhiteSpace)) throw new ArgumentException("a label is empty", nameof(labels));
        if (labels.Distinct(StringComparer.Ordinal).Count() < labels.Count)
            throw new ArgumentException("a label is given twice", nameof(labels));
        var isMultiLabel = multiLabel || labels.Count == 1;
        if (isMultiLabel && _contradiction < 0)
        {
            throw new UnsupportedModelException(
                $"none of the model's labels ({string.Join(", ", Configuration.Labels)}) begins with 'contradict' or 'not': labels " +
                    "cannot be scored one by one");
        }

        return new ZeroShotLabels([.. labels], isMultiLabel, [.. labels.Select(Hypothesis)], this);
    }

    /// <summary>Scores prepared labels for a text on the caller's thread.</summary>
    /// <param name="text">The text.</param>
    /// <param name="labels">The labels, from <see cref="Prepare"/>.</param>
    /// <param name="reading">How much of the input is read. Null uses the pipeline's options.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="ArgumentException">
    /// A text is null (for several texts, the message has the index), the labels were prepared by another classifier, or a text has more
    /// tokens than are read at once and <see cref="ReadingOptions.LongText"/> is <see cref="LongText.Error"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline or its model has been disposed.</exception>
    public Classification Classify(
        string text, ZeroShotLabels labels, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.Run(new ZeroShotInput(text, Own(labels)), reading, cancellationToken);
    }

    /// <summary>
    /// Scores prepared labels for several texts in one call, which is faster than one call per text. Each result has the same bits as a
    /// call for that text alone.
    /// </summary>
    /// <returns>One result per text, in the order of the texts.</returns>
    /// <inheritdoc cref="Classify(string, ZeroShotLabels, ReadingOptions, CancellationToken)"/>
    public IReadOnlyList<Classification> Classify(
        IReadOnlyList<string> texts, ZeroShotLabels labels, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        Own(labels);
        return _pipeline.RunAll([.. texts.Select(text => new ZeroShotInput(text, labels))], reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// Like <see cref="Classify(string, ZeroShotLabels, ReadingOptions, CancellationToken)"/>, as an asynchronous call. It joins the
    /// model's queue, where the calls of all pipelines on the model are computed in shared batches. An idle model starts at once.
    /// Cancelling ends this call only, so a token with a timeout acts as a deadline.
    /// </summary>
    /// <exception cref="QueueFullException">
    /// The queue is full, and <see cref="ModelOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.
    /// </exception>
    /// <inheritdoc cref="Classify(string, ZeroShotLabels, ReadingOptions, CancellationToken)"/>
    public Task<Classification> ClassifyAsync(
        string text, ZeroShotLabels labels, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.RunAsync(new ZeroShotInput(text, Own(labels)), reading, cancellationToken);
    }

    /// <summary>
    /// Scores prepared labels for several texts asynchronously, through the model's queue. They may be computed in several batches.
    /// </summary>
    /// <exception cref="QueueFullException">
    /// The queue is full, and <see cref="ModelOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.
    /// </exception>
    /// <inheritdoc cref="Classify(IReadOnlyList{string}, ZeroShotLabels, ReadingOptions, CancellationToken)"/>
    public Task<IReadOnlyList<Classification>> ClassifyAsync(
        IReadOnlyList<string> texts, ZeroShotLabels labels, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        Own(labels);
        return _pipeline.RunAllAsync([.. texts.Select(text => new ZeroShotInput(text, labels))], reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// Scores prepared labels for a sequence of texts of any length in batches. Results are returned in order while the rest of the
    /// sequence is still unread. Each batch is read completely before its first result, so use the asynchronous method for a source that
    /// pauses: <see cref="ClassifyStreamAsync"/>.
    /// </summary>
    /// <inheritdoc cref="Classify(string, ZeroShotLabels, ReadingOptions, CancellationToken)"/>
    public IEnumerable<Classification> ClassifyStream(
        IEnumerable<string> texts, ZeroShotLabels labels, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        Own(labels);
        return _pipeline.Stream(texts.Select(text => new ZeroShotInput(text, labels)), reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// Like <see cref="ClassifyStream"/>, for an asynchronous source. Whenever the source has no item ready, the items read so far are
    /// computed and returned. The work runs on the consumer's thread.
    /// </summary>
    /// <param name="texts">The texts.</param>
    /// <param name="labels">The labels, from <see cref="Prepare"/>.</param>
    /// <param name="reading">How much of each input is read. Null uses the pipeline's options.</param>
    /// <param name="maxLatency">
    /// The longest time that an item waits for its batch to fill while the source never pauses; zero or more. Null waits until the batch is
    /// full.
    /// </param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="maxLatency"/> is negative, or a value of <paramref name="reading"/> is out of range.
    /// </exception>
    public IAsyncEnumerable<Classification> ClassifyStreamAsync(
        IAsyncEnumerable<string> texts, ZeroShotLabels labels, ReadingOptions? reading = null, TimeSpan? maxLatency = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        Own(labels);
        return _pipeline.StreamAsync(texts.Select(text => new ZeroShotInput(text, labels)), reading, maxLatency, nameof(texts),
            cancellationToken);
    }

    /// <summary>
    /// Like <see cref="Classify(string, ZeroShotLabels, ReadingOptions, CancellationToken)"/>, for labels that are used once.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="labels">The candidate labels. With a single label, its score is the probability that the label applies.</param>
    /// <param name="multiLabel">Whether each label is scored independently; see <see cref="Prepare"/>.</param>
    /// <param name="reading">How much of the input is read. Null uses the pipeline's options.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <inheritdoc cref="Prepare" path="/exception"/>
    public Classification Classify(
        string text, IReadOnlyList<string> labels, bool multiLabel = false, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default) => Classify(text, Prepare(labels, multiLabel), reading, cancellationToken);

    /// <summary>
    /// Like <see cref="Classify(string, IReadOnlyList{string}, bool, ReadingOptions, CancellationToken)"/>, for several texts in one call.
    /// Each result has the same bits as a call for that text alone.
    /// </summary>
    /// <returns>One result per text, in the order of the texts.</returns>
    /// <inheritdoc cref="Prepare"/>
    public IReadOnlyList<Classification> Classify(
        IReadOnlyList<string> texts, IReadOnlyList<string> labels, bool multiLabel = false, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default) => Classify(texts, Prepare(labels, multiLabel), reading, cancellationToken);

    /// <summary>
    /// Like <see cref="Classify(string, IReadOnlyList{string}, bool, ReadingOptions, CancellationToken)"/>, as an asynchronous call through
    /// the model's queue.
    /// </summary>
    /// <inheritdoc cref="Prepare"/>
    public Task<Classification> ClassifyAsync(
        string text, IReadOnlyList<string> labels, bool multiLabel = false, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default) => ClassifyAsync(text, Prepare(labels, multiLabel), reading, cancellationToken);

    /// <summary>
    /// Writes the scores of prepared labels into a span, in the order of the labels. This overload allocates nothing after the first calls.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="labels">The labels, from <see cref="Prepare"/>.</param>
    /// <param name="scores">Receives one score per label. It must have at least as many elements as there are labels.</param>
    /// <param name="read">Receives how much of the text and the longest hypothesis was read.</param>
    /// <param name="reading">How much of the input is read. Null uses the pipeline's options.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="ArgumentException">
    /// The labels were prepared by another classifier, the span is too short, or the text has more tokens than are read at once and
    /// <see cref="ReadingOptions.LongText"/> is <see cref="LongText.Error"/>.
    /// </exception>
    public void Classify(
        ReadOnlySpan<char> text, ZeroShotLabels labels, Span<float> scores, out ReadInfo read, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default)
    {
        Own(labels);
        if (scores.Length < labels.Labels.Count)
            throw new ArgumentException($"{labels.Labels.Count} labels need as many scores, not {scores.Length}", nameof(scores));
        var resolved = _pipeline.Model.Of(reading);
        var worker = _pipeline.Rent();
        try
        {
            worker.Add(text, labels, resolved, cancellationToken);
            worker.Finish(cancellationToken);
            read = worker.Scores(0, scores);
        }
        finally
        {
            _pipeline.Return(worker);
        }
    }

    /// <inheritdoc/>
    public override void WarmUp(CancellationToken cancellationToken = default) =>
        Classify("a", Prepare(["a", "b"]), null, cancellationToken);

    /// <summary>
    /// Returns the id of the entailment label: the one that the caller has named, or the one whose name begins with "entail".
    /// </summary>
    internal static int Entailment(IReadOnlyList<string> labels, string? name)
    {
        var found = Find(labels, label => name is null ? label.StartsWith("entail", StringComparison.OrdinalIgnoreCase) : label == name);
        if (found >= 0) return found;
        var known = string.Join(", ", labels);
        throw new UnsupportedModelException(name is null
            ? $"no label of the model begins with 'entail'; its labels are {known}: use a model for natural language inference, or name " +
                "the label that means 'follows'"
            : $"the model has no label '{name}'; its labels are {known}");
    }

    /// <summary>
    /// Returns the id of the contradiction label: the other one of two labels, or the one whose name begins with "contradict" or "not". -1
    /// if there is none.
    /// </summary>
    internal static int Contradiction(IReadOnlyList<string> labels, int entailment) => labels.Count == 2
        ? 1 - entailment
        : Find(labels, label => label.StartsWith("contradict", StringComparison.OrdinalIgnoreCase)
            || label.StartsWith("not", StringComparison.OrdinalIgnoreCase));

    private static int Find(IReadOnlyList<string> labels, Func<string, bool> matches)
    {
        for (var i = 0; i < labels.Count; i++)
        {
            if (matches(labels[i])) return i;
        }

        return -1;
    }

    private int[] Hypothesis(string label)
    {
        var hypothesis = _template.Fill(label);
        var ids = Tokenizer.Encode(hypothesis, new EncodingOptions { AddSpecialTokens = false, ReturnOffsets = false }).Ids.ToArray();
        if (ids.Length + 4 <= MaxLength) return ids;
        throw new ArgumentException(
            $"the hypothesis of the label '{label}' has {ids.Length} tokens, which leaves no room for a text: the model reads {MaxLength}",
            nameof(label));
    }

    private static ZeroShotClassifierOptions Checked(InferenceModel model, ZeroShotClassifierOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        _ = new HypothesisTemplate(options.HypothesisTemplate);
        var named = model.RequireHead(ModelHead.SequenceClassification, options.Head);
        Entailment(model.Configuration.For(named).Labels, options.EntailmentLabel);
        return options;
    }

    private ZeroShotLabels Own(ZeroShotLabels labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return labels.Owner == this ? labels
            : throw new ArgumentException("the labels were prepared by another classifier", nameof(labels));
    }
}
