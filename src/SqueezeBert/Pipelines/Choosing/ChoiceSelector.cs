using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.Choosing;

namespace SqueezeBert;

/// <summary>
/// Chooses the text that fits a prompt best, with a multiple-choice model (SWAG, RACE). The class is thread-safe: any number of threads may
/// call one instance.
/// </summary>
public sealed class ChoiceSelector : TextPipeline
{
    private readonly Pipeline<ChoiceWorker, (string Prompt, IReadOnlyList<string> Choices), Choice> _pipeline;

    /// <summary>Creates a pipeline on a model that other pipelines may share. Disposing the pipeline does not dispose the model.</summary>
    /// <param name="model">A model with a multiple-choice head.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <exception cref="UnsupportedModelException">
    /// The model has no head for this task, or it reads fewer tokens at once than the task needs.
    /// </exception>
    /// <exception cref="ArgumentException">An option is out of range, or the model has no head of the given name.</exception>
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

    /// <summary>Loads a model (config.json, weights and vocabulary) and creates a pipeline that owns it.</summary>
    /// <param name="source">A folder or file on disk, or files in memory. Nothing is ever downloaded.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="model">How the model computes. Null uses the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// The folder does not exist (the message names the nearest existing ones), a file is missing or damaged, or the files do not fit
    /// together.
    /// </exception>
    /// <exception cref="UnsupportedModelException">The model is not for multiple choice, or its architecture is not supported.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the model has no head of the given name.</exception>
    public static ChoiceSelector Load(ModelSource source, ChoiceSelectorOptions? options = null, ModelOptions? model = null) =>
        PipelineModel.Load(
            source, model, ModelHead.MultipleChoice, options,
            model => new ChoiceSelector(model, options ?? new ChoiceSelectorOptions(), ownsModel: true));

    /// <summary>Chooses the best text for a prompt on the caller's thread.</summary>
    /// <param name="prompt">A question, or the beginning of a story.</param>
    /// <param name="choices">The texts to choose from; at least one.</param>
    /// <param name="reading">How much of the input is read. Null uses the pipeline's options.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="ArgumentException">
    /// There is no choice, a text is null (for several prompts, the message has the index), or a pair has more tokens than are read at once
    /// and <see cref="ReadingOptions.LongText"/> is <see cref="LongText.Error"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline or its model has been disposed.</exception>
    public Choice Choose(
        string prompt, IReadOnlyList<string> choices, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        Check(prompt, choices);
        return _pipeline.Run((prompt, choices), reading, cancellationToken);
    }

    /// <summary>
    /// Chooses for several prompts in one call, which is faster than one call per prompt. Each result has the same bits as a call for that
    /// prompt alone.
    /// </summary>
    /// <returns>One result per question, in the order of the questions.</returns>
    /// <inheritdoc cref="Choose(string, IReadOnlyList{string}, ReadingOptions, CancellationToken)"/>
    public IReadOnlyList<Choice> Choose(
        IReadOnlyList<(string Prompt, IReadOnlyList<string> Choices)> questions, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        return _pipeline.RunAll(questions, reading, nameof(questions), cancellationToken);
    }

    /// <summary>
    /// Like <see cref="Choose(string, IReadOnlyList{string}, ReadingOptions, CancellationToken)"/>, as an asynchronous call. It joins the
    /// model's queue, where the calls of all pipelines on the model are computed in shared batches. An idle model starts at once.
    /// Cancelling ends this call only, so a token with a timeout acts as a deadline.
    /// </summary>
    /// <exception cref="QueueFullException">
    /// The queue is full, and <see cref="ModelOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.
    /// </exception>
    /// <inheritdoc cref="Choose(string, IReadOnlyList{string}, ReadingOptions, CancellationToken)"/>
    public Task<Choice> ChooseAsync(
        string prompt, IReadOnlyList<string> choices, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        Check(prompt, choices);
        return _pipeline.RunAsync((prompt, choices), reading, cancellationToken);
    }

    /// <summary>Chooses for several prompts asynchronously, through the model's queue. They may be computed in several batches.</summary>
    /// <exception cref="QueueFullException">
    /// The queue is full, and <see cref="ModelOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.
    /// </exception>
    /// <inheritdoc cref="Choose(IReadOnlyList{ValueTuple{string, IReadOnlyList{string}}}, ReadingOptions, CancellationToken)"/>
    public Task<IReadOnlyList<Choice>> ChooseAsync(
        IReadOnlyList<(string Prompt, IReadOnlyList<string> Choices)> questions, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        return _pipeline.RunAllAsync(questions, reading, nameof(questions), cancellationToken);
    }

    /// <summary>
    /// Chooses for a sequence of any length in batches. Results are returned in order while the rest of the sequence is still unread. Each
    /// batch is read completely before its first result, so use the asynchronous method for a source that pauses:
    /// <see cref="ChooseStreamAsync"/>.
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
    /// Like <see cref="ChooseStream"/>, for an asynchronous source. Whenever the source has no item ready, the items read so far are
    /// computed and returned. The work runs on the consumer's thread.
    /// </summary>
    /// <param name="questions">The questions.</param>
    /// <param name="reading">How much of each input is read. Null uses the pipeline's options.</param>
    /// <param name="maxLatency">
    /// The longest time that an item waits for its batch to fill while the source never pauses; zero or more. Null waits until the batch is
    /// full.
    /// </param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="maxLatency"/> is negative, or a value of <paramref name="reading"/> is out of range.
    /// </exception>
    public IAsyncEnumerable<Choice> ChooseStreamAsync(
        IAsyncEnumerable<(string Prompt, IReadOnlyList<string> Choices)> questions, ReadingOptions? reading = null,
        TimeSpan? maxLatency = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        return _pipeline.StreamAsync(questions, reading, maxLatency, nameof(questions), cancellationToken);
    }

    /// <summary>
    /// Writes the probabilities of the choices into a span, in the order of the choices. This overload allocates nothing after the first
    /// calls.
    /// </summary>
    /// <param name="prompt">A question, or the beginning of a story.</param>
    /// <param name="choices">The texts to choose from; at least one.</param>
    /// <param name="scores">Receives one probability per choice. It must have at least as many elements as there are choices.</param>
    /// <param name="read">Receives how much of the prompt and the choices was read.</param>
    /// <param name="reading">How much of the input is read. Null uses the pipeline's options.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="ArgumentException">
    /// There is no choice, the span is too short, or a text has more tokens than are read at once and <see cref="ReadingOptions.LongText"/>
    /// is <see cref="LongText.Error"/>.
    /// </exception>
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
