using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.Answering;

namespace SqueezeBert;

/// <summary>
/// Finds the part of a document that answers a question, with a model for extractive question answering (SQuAD). The class is thread-safe:
/// any number of threads may call one instance.
/// </summary>
public sealed class QuestionAnswerer : TextPipeline
{
    private readonly Pipeline<QuestionAnsweringWorker, (string Question, string Document), QuestionAnswer> _pipeline;

    /// <summary>Creates a pipeline on a model that other pipelines may share. Disposing the pipeline does not dispose the model.</summary>
    /// <param name="model">A model with a question-answering head.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <exception cref="UnsupportedModelException">
    /// The model has no head for this task, or it reads fewer tokens at once than the task needs.
    /// </exception>
    /// <exception cref="ArgumentException">An option is out of range, or the model has no head of the given name.</exception>
    public QuestionAnswerer(InferenceModel model, QuestionAnswererOptions? options = null)
        : this(model, options ?? new QuestionAnswererOptions(), ownsModel: false)
    {
    }

    private QuestionAnswerer(InferenceModel model, QuestionAnswererOptions options, bool ownsModel)
        : this(new PipelineModel(
            model, ownsModel, ModelHead.QuestionAnswering, [OutputNames.Logits], Checked(options), nameof(QuestionAnswerer),
            LongText.Windows, shortest: 5,
            Math.Min(model?.Tokenizer.ModelMaxLength ?? int.MaxValue, QuestionAnswererOptions.DefaultMaxLength)), options)
    {
    }

    private QuestionAnswerer(PipelineModel model, QuestionAnswererOptions options)
        : base(model) => _pipeline = new(model, model => new QuestionAnsweringWorker(model, options));

    /// <summary>Loads a model (config.json, weights and vocabulary) and creates a pipeline that owns it.</summary>
    /// <param name="source">A folder or file on disk, or files in memory. Nothing is ever downloaded.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="model">How the model computes. Null uses the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// The folder does not exist (the message names the nearest existing ones), a file is missing or damaged, or the files do not fit
    /// together.
    /// </exception>
    /// <exception cref="UnsupportedModelException">
    /// The model is not for question answering, or its architecture is not supported.
    /// </exception>
    /// <exception cref="ArgumentException">An option is out of range, or the model has no head of the given name.</exception>
    public static QuestionAnswerer Load(ModelSource source, QuestionAnswererOptions? options = null, ModelOptions? model = null) =>
        PipelineModel.Load(
            source, model, ModelHead.QuestionAnswering, options,
            model => new QuestionAnswerer(model, options ?? new QuestionAnswererOptions(), ownsModel: true));

    /// <summary>Answers a question from a document on the caller's thread.</summary>
    /// <param name="question">The question.</param>
    /// <param name="document">A document of any length.</param>
    /// <param name="reading">How much of the input is read. Null uses the pipeline's options.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="ArgumentException">
    /// A text is null (for several texts, the message has the index), or it has more tokens than are read at once and
    /// <see cref="ReadingOptions.LongText"/> is <see cref="LongText.Error"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline or its model has been disposed.</exception>
    public QuestionAnswer Answer(
        string question, string document, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(document);
        return _pipeline.Run((question, document), reading, cancellationToken);
    }

    /// <summary>
    /// Answers several questions in one call, which is faster than one call per question. Each result has the same bits as a call for that
    /// question alone.
    /// </summary>
    /// <returns>One result per question, in the order of the questions.</returns>
    /// <inheritdoc cref="Answer(string, string, ReadingOptions, CancellationToken)"/>
    public IReadOnlyList<QuestionAnswer> Answer(
        IReadOnlyList<(string Question, string Document)> questions, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        return _pipeline.RunAll(questions, reading, nameof(questions), cancellationToken);
    }

    /// <summary>
    /// Like <see cref="Answer(string, string, ReadingOptions, CancellationToken)"/>, as an asynchronous call. It joins the model's queue,
    /// where the calls of all pipelines on the model are computed in shared batches. An idle model starts at once. Cancelling ends this
    /// call only, so a token with a timeout acts as a deadline.
    /// </summary>
    /// <exception cref="QueueFullException">
    /// The queue is full, and <see cref="ModelOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.
    /// </exception>
    /// <inheritdoc cref="Answer(string, string, ReadingOptions, CancellationToken)"/>
    public Task<QuestionAnswer> AnswerAsync(
        string question, string document, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(document);
        return _pipeline.RunAsync((question, document), reading, cancellationToken);
    }

    /// <summary>Answers questions asynchronously, through the model's queue. They may be computed in several batches.</summary>
    /// <exception cref="QueueFullException">
    /// The queue is full, and <see cref="ModelOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.
    /// </exception>
    /// <inheritdoc cref="Answer(IReadOnlyList{ValueTuple{string, string}}, ReadingOptions, CancellationToken)"/>
    public Task<IReadOnlyList<QuestionAnswer>> AnswerAsync(
        IReadOnlyList<(string Question, string Document)> questions, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        return _pipeline.RunAllAsync(questions, reading, nameof(questions), cancellationToken);
    }

    /// <summary>
    /// Answers a sequence of any length in batches. Results are returned in order while the rest of the sequence is still unread. Each
    /// batch is read completely before its first result, so use the asynchronous method for a source that pauses:
    /// <see cref="AnswerStreamAsync"/>.
    /// </summary>
    /// <inheritdoc cref="Answer(string, string, ReadingOptions, CancellationToken)"/>
    public IEnumerable<QuestionAnswer> AnswerStream(
        IEnumerable<(string Question, string Document)> questions, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        return _pipeline.Stream(questions, reading, nameof(questions), cancellationToken);
    }

    /// <summary>
    /// Like <see cref="AnswerStream"/>, for an asynchronous source. Whenever the source has no item ready, the items read so far are
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
    public IAsyncEnumerable<QuestionAnswer> AnswerStreamAsync(
        IAsyncEnumerable<(string Question, string Document)> questions, ReadingOptions? reading = null, TimeSpan? maxLatency = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        return _pipeline.StreamAsync(questions, reading, maxLatency, nameof(questions), cancellationToken);
    }

    /// <summary>
    /// Writes the best answers of a question into a span, without their texts. This overload allocates nothing after the first calls.
    /// </summary>
    /// <param name="question">The question.</param>
    /// <param name="document">A document of any length.</param>
    /// <param name="answers">Receives as many answers as fit, best first.</param>
    /// <param name="noAnswerScore">Receives the score of no answer; see <see cref="QuestionAnswer.NoAnswerScore"/>.</param>
    /// <param name="read">Receives how much of the question and the document was read.</param>
    /// <param name="reading">How much of the input is read. Null uses the pipeline's options.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <returns>The number of answers that were written.</returns>
    /// <exception cref="ArgumentException">
    /// The texts have more tokens than are read at once, and <see cref="ReadingOptions.LongText"/> is <see cref="LongText.Error"/>.
    /// </exception>
    public int Answer(
        ReadOnlySpan<char> question, ReadOnlySpan<char> document, Span<AnswerSpan> answers, out float noAnswerScore, out ReadInfo read,
        ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        var resolved = _pipeline.Model.Of(reading);
        var worker = _pipeline.Rent();
        try
        {
            worker.Add(question, document, null, resolved, cancellationToken);
            worker.Finish(cancellationToken);
            var spans = worker.Spans(0, out noAnswerScore, out _);
            var count = Math.Min(spans.Length, answers.Length);
            spans[..count].CopyTo(answers);
            read = worker.Read(0);
            return count;
        }
        finally
        {
            _pipeline.Return(worker);
        }
    }

    /// <inheritdoc/>
    public override void WarmUp(CancellationToken cancellationToken = default) => Answer("a", "a", null, cancellationToken);

    private static QuestionAnswererOptions Checked(QuestionAnswererOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Candidates, 1, nameof(options.Candidates));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxAnswerTokens, 1, nameof(options.MaxAnswerTokens));
        ArgumentOutOfRangeException.ThrowIfNegative(options.Overlap ?? 0, nameof(options.Overlap));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxQuestionTokens ?? 1, 1, nameof(options.MaxQuestionTokens));
        if (float.IsNaN(options.NoAnswerThreshold))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options.NoAnswerThreshold), options.NoAnswerThreshold, "The threshold is not a number.");
        }

        return options;
    }
}
