using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.Choosing;

namespace SqueezeBert;

/// <summary>
/// Chooses the text that goes best with a prompt, with a multiple-choice model (SWAG, RACE). Thread-safe: any number of callers share the
/// weights.
/// </summary>
public sealed class ChoiceSelector : TextPipeline
{
    private readonly Pipeline<ChoiceWorker, (string Prompt, IReadOnlyList<string> Choices), Choice> _pipeline;

    /// <summary>Makes one of a model that others may use too, and that is not disposed with it.</summary>
    /// <param name="model">A model for multiple choice.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="UnsupportedModelException">The model is of another kind.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public ChoiceSelector(InferenceModel model, ChoiceSelectorOptions? options = null)
        : this(model, options ?? new ChoiceSelectorOptions(), ownsModel: false)
    {
    }

    private ChoiceSelector(InferenceModel model, ChoiceSelectorOptions options, bool ownsModel)
        : this(new PipelineModel(
            model, ownsModel, ModelHead.MultipleChoice, [OutputNames.Logits], options, nameof(ChoiceSelector), shortest: 5))
    {
    }

    private ChoiceSelector(PipelineModel model)
        : base(model) => _pipeline = new(model, static model => new ChoiceWorker(model));

    /// <summary>Loads a model of the pipeline's own: config.json, weights, vocabulary.</summary>
    /// <param name="source">A folder or file on disk; nothing is ever downloaded.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="model">How the model computes; null for the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// No such folder (the message names the nearest that exist), a file is missing or damaged, or the files do not fit each other.
    /// </exception>
    /// <exception cref="UnsupportedModelException">The model is not for multiple choice, or of an unsupported architecture.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static ChoiceSelector Load(ModelSource source, ChoiceSelectorOptions? options = null, ModelOptions? model = null) =>
        PipelineModel.Load(
            source, model, ModelHead.MultipleChoice, options,
            model => new ChoiceSelector(model, options ?? new ChoiceSelectorOptions(), ownsModel: true));

    /// <summary>Chooses for a prompt on the caller's thread.</summary>
    /// <param name="prompt">A question or the beginning of a story.</param>
    /// <param name="choices">One or more.</param>
    /// <param name="reading">How much is read; null: as the options say.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <exception cref="ArgumentException">There is no choice, a text is null (of several prompts, the message has the index), or a text is
    /// longer than is read where that is an error.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline or its model is disposed.</exception>
    public Choice Choose(
        string prompt, IReadOnlyList<string> choices, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        Check(prompt, choices);
        return _pipeline.Run((prompt, choices), reading, cancellationToken);
    }

    /// <summary>Chooses for many prompts together, which is faster than one by one. Each result has the same bits as alone.</summary>
    /// <returns>As many results, in the order of the questions.</returns>
    /// <inheritdoc cref="Choose(string, IReadOnlyList{string}, ReadingOptions, CancellationToken)"/>
    public IReadOnlyList<Choice> Choose(
        IReadOnlyList<(string Prompt, IReadOnlyList<string> Choices)> questions, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        return _pipeline.RunAll(questions, reading, nameof(questions), cancellationToken);
    }

    /// <summary>
    /// As <see cref="Choose(string, IReadOnlyList{string}, ReadingOptions, CancellationToken)"/> in the model's queue, where the calls of
    /// all its pipelines meet and are computed together. Nothing waits while the model is idle. Cancelling ends this call only; a token
    /// with a timeout is a deadline.
    /// </summary>
    /// <exception cref="QueueFullException">The queue is full, and the model's options say that calls do not wait for room.</exception>
    /// <inheritdoc cref="Choose(string, IReadOnlyList{string}, ReadingOptions, CancellationToken)"/>
    public Task<Choice> ChooseAsync(
        string prompt, IReadOnlyList<string> choices, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        Check(prompt, choices);
        return _pipeline.RunAsync((prompt, choices), reading, cancellationToken);
    }

    /// <summary>Chooses for many prompts in the model's queue; they may be computed in several batches.</summary>
    /// <exception cref="QueueFullException">The queue is full, and the model's options say that calls do not wait for room.</exception>
    /// <inheritdoc cref="Choose(IReadOnlyList{ValueTuple{string, IReadOnlyList{string}}}, ReadingOptions, CancellationToken)"/>
    public Task<IReadOnlyList<Choice>> ChooseAsync(
        IReadOnlyList<(string Prompt, IReadOnlyList<string> Choices)> questions, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        return _pipeline.RunAllAsync(questions, reading, nameof(questions), cancellationToken);
    }

    /// <summary>
    /// Chooses for a sequence of any length in batches; results come in order while the rest is still to be read. Whether the next one is
    /// there cannot be seen, so a batch is always filled: a source that pauses is better read by <see cref="ChooseStreamAsync"/>.
    /// </summary>
    /// <inheritdoc cref="Choose(string, IReadOnlyList{string}, ReadingOptions, CancellationToken)"/>
    public IEnumerable<Choice> ChooseStream(
        IEnumerable<(string Prompt, IReadOnlyList<string> Choices)> questions, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        return _pipeline.Stream(questions, reading, nameof(questions), cancellationToken);
    }

    /// <summary>
    /// As <see cref="ChooseStream"/> for a source that is awaited: whenever it has nothing ready, what is there is computed and given. The
    /// work runs on the reader's thread.
    /// </summary>
    /// <param name="questions">The questions.</param>
    /// <param name="reading">How much of each is read; null: as the options say.</param>
    /// <param name="maxLatency">How long one may wait for others of its batch where the source never pauses; null: until the batch is
    /// full.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    public IAsyncEnumerable<Choice> ChooseStreamAsync(
        IAsyncEnumerable<(string Prompt, IReadOnlyList<string> Choices)> questions, ReadingOptions? reading = null,
        TimeSpan? maxLatency = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        return _pipeline.StreamAsync(questions, reading, maxLatency, nameof(questions), cancellationToken);
    }

    /// <summary>The inner path: probabilities in the order of the choices; allocates nothing once warm.</summary>
    /// <param name="prompt">A question or the beginning of a story.</param>
    /// <param name="choices">One or more.</param>
    /// <param name="scores">At least as many elements as choices.</param>
    /// <param name="read">What was read of prompt and choices.</param>
    /// <param name="reading">How much is read; null: as the options say.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <exception cref="ArgumentException">There is no choice, the span is too short, or a text is longer than is read where that is an
    /// error.</exception>
    public void Choose(
        string prompt, IReadOnlyList<string> choices, Span<float> scores, out ReadInfo read, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default)
    {
        Check(prompt, choices);
        if (scores.Length < choices.Count)
            throw new ArgumentException($"{choices.Count} choices need as many scores, not {scores.Length}", nameof(scores));
        var resolved = _pipeline.Model.Of(reading);
        var worker = _pipeline.Rent();
        try
        {
            worker.Add((prompt, choices), resolved, cancellationToken);
            worker.Finish(cancellationToken);
            read = worker.Scores(0, scores);
        }
        finally
        {
            _pipeline.Return(worker);
        }
    }

    /// <inheritdoc/>
    public override void WarmUp(CancellationToken cancellationToken = default) => Choose("a", ["a"], null, cancellationToken);

    private static void Check(string prompt, IReadOnlyList<string> choices)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(choices);
        if (ChoiceWorker.Problem((prompt, choices)) is { } problem) throw new ArgumentException(problem, nameof(choices));
    }
}
