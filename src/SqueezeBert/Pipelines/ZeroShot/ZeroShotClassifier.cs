using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.ZeroShot;
using SqueezeBert.Tokenization;

namespace SqueezeBert;

/// <summary>
/// Gives texts labels that the model was never trained for: a model for natural language inference (MNLI) says how well a sentence about
/// each label follows from the text. Thread-safe: any number of callers share the weights.
/// </summary>
public sealed class ZeroShotClassifier : TextPipeline
{
    private readonly Pipeline<ZeroShotWorker, ZeroShotInput, Classification> _pipeline;
    private readonly HypothesisTemplate _template;
    private readonly int _contradiction;

    /// <summary>Makes one of a model that others may use too, and that is not disposed with it.</summary>
    /// <param name="model">A classifier of pairs with an entailment label.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="UnsupportedModelException">The model is of another kind.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
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

    /// <summary>The model's label for "follows".</summary>
    public string EntailmentLabel { get; }

    /// <summary>Loads a model of the pipeline's own: config.json, weights, vocabulary.</summary>
    /// <param name="source">A folder or file on disk; nothing is ever downloaded.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="model">How the model computes; null for the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// No such folder (the message names the nearest that exist), a file is missing or damaged, or the files do not fit each other.
    /// </exception>
    /// <exception cref="UnsupportedModelException">The model is no classifier of pairs with an entailment label, or of an unsupported
    /// architecture.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the template has no {}.</exception>
    public static ZeroShotClassifier Load(ModelSource source, ZeroShotClassifierOptions? options = null, ModelOptions? model = null) =>
        PipelineModel.Load(
            source, model, ModelHead.SequenceClassification, options,
            model => new ZeroShotClassifier(model, options ?? new ZeroShotClassifierOptions(), ownsModel: true));

    /// <summary>Makes candidate labels ready for many texts.</summary>
    /// <param name="labels">Two or more, or one that is true or not.</param>
    /// <param name="multiLabel">
    /// False: the scores of the labels add up to one. True: each label is scored by itself, entailment against contradiction, as is a
    /// single label.
    /// </param>
    /// <exception cref="ArgumentException">There is no label, one comes twice or is empty, or a hypothesis leaves no room for a
    /// text.</exception>
    /// <exception cref="UnsupportedModelException">Several labels at once need the model's label for the opposite, which none of its names
    /// tells.</exception>
    public ZeroShotLabels Prepare(IReadOnlyList<string> labels, bool multiLabel = false)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count == 0) throw new ArgumentException("no labels are given", nameof(labels));
        if (labels.Any(string.IsNullOrWhiteSpace)) throw new ArgumentException("a label is empty", nameof(labels));
        if (labels.Distinct(StringComparer.Ordinal).Count() < labels.Count)
            throw new ArgumentException("a label comes twice", nameof(labels));
        var isMultiLabel = multiLabel || labels.Count == 1;
        if (isMultiLabel && _contradiction < 0)
        {
            throw new UnsupportedModelException(
                $"none of the model's labels ({string.Join(", ", Configuration.Labels)}) begins with 'contradict' or 'not': labels " +
                    "cannot be scored one by one");
        }

        return new ZeroShotLabels([.. labels], isMultiLabel, [.. labels.Select(Hypothesis)], this);
    }

    /// <summary>Says which of the labels are true of a text on the caller's thread.</summary>
    /// <param name="text">The text.</param>
    /// <param name="labels">From <see cref="Prepare"/>.</param>
    /// <param name="reading">How much is read; null: as the options say.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <exception cref="ArgumentException">A text is null (of several, the message has its index), or longer than is read where that is an
    /// error, or the labels were prepared by another classifier.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline or its model is disposed.</exception>
    public Classification Classify(
        string text, ZeroShotLabels labels, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.Run(new ZeroShotInput(text, Own(labels)), reading, cancellationToken);
    }

    /// <summary>
    /// Says which of the labels are true of texts together, which is faster than one by one. Each result has the same bits as alone.
    /// </summary>
    /// <returns>As many results, in the order of the texts.</returns>
    /// <inheritdoc cref="Classify(string, ZeroShotLabels, ReadingOptions, CancellationToken)"/>
    public IReadOnlyList<Classification> Classify(
        IReadOnlyList<string> texts, ZeroShotLabels labels, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        Own(labels);
        return _pipeline.RunAll([.. texts.Select(text => new ZeroShotInput(text, labels))], reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// As <see cref="Classify(string, ZeroShotLabels, ReadingOptions, CancellationToken)"/> in the model's queue, where the calls of all
    /// its pipelines meet and are computed together. Nothing waits while the model is idle. Cancelling ends this call only; a token with a
    /// timeout is a deadline.
    /// </summary>
    /// <exception cref="QueueFullException">The queue is full, and the model's options say that calls do not wait for room.</exception>
    /// <inheritdoc cref="Classify(string, ZeroShotLabels, ReadingOptions, CancellationToken)"/>
    public Task<Classification> ClassifyAsync(
        string text, ZeroShotLabels labels, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.RunAsync(new ZeroShotInput(text, Own(labels)), reading, cancellationToken);
    }

    /// <summary>Says which of the labels are true of texts in the model's queue; they may be computed in several batches.</summary>
    /// <exception cref="QueueFullException">The queue is full, and the model's options say that calls do not wait for room.</exception>
    /// <inheritdoc cref="Classify(IReadOnlyList{string}, ZeroShotLabels, ReadingOptions, CancellationToken)"/>
    public Task<IReadOnlyList<Classification>> ClassifyAsync(
        IReadOnlyList<string> texts, ZeroShotLabels labels, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        Own(labels);
        return _pipeline.RunAllAsync([.. texts.Select(text => new ZeroShotInput(text, labels))], reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// Says which of the labels are true of a sequence of any length in batches; results come in order while the rest is still to be read.
    /// Whether the next one is there cannot be seen, so a batch is always filled: a source that pauses is better read by
    /// <see cref="ClassifyStreamAsync"/>.
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
    /// As <see cref="ClassifyStream"/> for a source that is awaited: whenever it has nothing ready, what is there is computed and given.
    /// The work runs on the reader's thread.
    /// </summary>
    /// <param name="texts">The texts.</param>
    /// <param name="labels">From <see cref="Prepare"/>.</param>
    /// <param name="reading">How much of each is read; null: as the options say.</param>
    /// <param name="maxLatency">How long one may wait for others of its batch where the source never pauses; null: until the batch is
    /// full.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
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
    /// As <see cref="Classify(string, ZeroShotLabels, ReadingOptions, CancellationToken)"/> for labels that are used once.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="labels">Two or more, or one that is true or not.</param>
    /// <param name="multiLabel">Whether each label is scored by itself; see <see cref="Prepare"/>.</param>
    /// <param name="reading">How much is read; null: as the options say.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <inheritdoc cref="Prepare" path="/exception"/>
    public Classification Classify(
        string text, IReadOnlyList<string> labels, bool multiLabel = false, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default) => Classify(text, Prepare(labels, multiLabel), reading, cancellationToken);

    /// <summary>As <see cref="Classify(string, IReadOnlyList{string}, bool, ReadingOptions, CancellationToken)"/> for many texts together.
    /// Each result has the same bits as alone.</summary>
    /// <returns>As many results, in the order of the texts.</returns>
    /// <inheritdoc cref="Prepare"/>
    public IReadOnlyList<Classification> Classify(
        IReadOnlyList<string> texts, IReadOnlyList<string> labels, bool multiLabel = false, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default) => Classify(texts, Prepare(labels, multiLabel), reading, cancellationToken);

    /// <summary>As <see cref="Classify(string, IReadOnlyList{string}, bool, ReadingOptions, CancellationToken)"/> in the model's
    /// queue.</summary>
    /// <inheritdoc cref="Prepare"/>
    public Task<Classification> ClassifyAsync(
        string text, IReadOnlyList<string> labels, bool multiLabel = false, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default) => ClassifyAsync(text, Prepare(labels, multiLabel), reading, cancellationToken);

    /// <summary>The inner path: scores in the order of the labels; allocates nothing once warm.</summary>
    /// <param name="text">The text.</param>
    /// <param name="labels">From <see cref="Prepare"/>.</param>
    /// <param name="scores">At least as many elements as there are labels.</param>
    /// <param name="read">What was read of the text and the longest hypothesis.</param>
    /// <param name="reading">How much is read; null: as the options say.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <exception cref="ArgumentException">The labels were prepared by another classifier, the span is too short, or the text longer than
    /// is read where that is an error.</exception>
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

    /// <summary>The id of "follows": named by the caller, or beginning with "entail".</summary>
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
    /// The id of the opposite, -1 where no name tells: the other one of two, or the one that begins with "contradict" or "not".
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
