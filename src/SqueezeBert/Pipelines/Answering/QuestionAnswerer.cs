using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.Answering;

namespace SqueezeBert;

/// <summary>
/// Finds the part of a document that answers a question, with a model for extractive question answering (SQuAD). Thread-safe: any number of
/// callers share the weights.
/// </summary>
public sealed class QuestionAnswerer : TextPipeline
{
    private readonly Pipeline<QuestionAnsweringWorker, (string Question, string Document), QuestionAnswer> _pipeline;

    /// <summary>Makes one of a model that others may use too, and that is not disposed with it.</summary>
    /// <param name="model">A model for question answering.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="UnsupportedModelException">The model is of another kind.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
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

    /// <summary>Loads a model of the pipeline's own: config.json, weights, vocabulary.</summary>
    /// <param name="source">A folder or file on disk; nothing is ever downloaded.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="model">How the model computes; null for the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// No such folder (the message names the nearest that exist), a file is missing or damaged, or the files do not fit each other.
    /// </exception>
    /// <exception cref="UnsupportedModelException">The model is not for question answering, or of an unsupported architecture.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static QuestionAnswerer Load(ModelSource source, QuestionAnswererOptions? options = null, ModelOptions? model = null) =>
        PipelineModel.Load(
            source, model, ModelHead.QuestionAnswering, options,
            model => new QuestionAnswerer(model, options ?? new QuestionAnswererOptions(), ownsModel: true));

    /// <summary>Answers a question from a document on the caller's thread.</summary>
    /// <param name="question">The question.</param>
    /// <param name="document">A document of any length.</param>
    /// <param name="reading">How much is read; null: as the options say.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <exception cref="ArgumentException">A text is null (of several, the message has its index), or longer than is read where that is an
    /// error.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline or its model is disposed.</exception>
    public QuestionAnswer Answer(
        string question, string document, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(document);
        return _pipeline.Run((question, document), reading, cancellationToken);
    }

    /// <summary>Answers questions together, which is faster than one by one. Each result has the same bits as alone.</summary>
    /// <returns>As many results, in the order of the questions.</returns>
    /// <inheritdoc cref="Answer(string, string, ReadingOptions, CancellationToken)"/>
    public IReadOnlyList<QuestionAnswer> Answer(
        IReadOnlyList<(string Question, string Document)> questions, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        return _pipeline.RunAll(questions, reading, nameof(questions), cancellationToken);
    }

    /// <summary>
    /// As <see cref="Answer(string, string, ReadingOptions, CancellationToken)"/> in the model's queue, where the calls of all its
    /// pipelines meet and are computed together. Nothing waits while the model is idle. Cancelling ends this call only; a token with a
    /// timeout is a deadline.
    /// </summary>
    /// <exception cref="QueueFullException">The queue is full, and the model's options say that calls do not wait for room.</exception>
    /// <inheritdoc cref="Answer(string, string, ReadingOptions, CancellationToken)"/>
    public Task<QuestionAnswer> AnswerAsync(
        string question, string document, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(document);
        return _pipeline.RunAsync((question, document), reading, cancellationToken);
    }

    /// <summary>Answers questions in the model's queue; they may be computed in several batches.</summary>
    /// <exception cref="QueueFullException">The queue is full, and the model's options say that calls do not wait for room.</exception>
    /// <inheritdoc cref="Answer(IReadOnlyList{ValueTuple{string, string}}, ReadingOptions, CancellationToken)"/>
    public Task<IReadOnlyList<QuestionAnswer>> AnswerAsync(
        IReadOnlyList<(string Question, string Document)> questions, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        return _pipeline.RunAllAsync(questions, reading, nameof(questions), cancellationToken);
    }

    /// <summary>
    /// Answers a sequence of any length in batches; results come in order while the rest is still to be read. Whether the next one is there
    /// cannot be seen, so a batch is always filled: a source that pauses is better read by <see cref="AnswerStreamAsync"/>.
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
    /// As <see cref="AnswerStream"/> for a source that is awaited: whenever it has nothing ready, what is there is computed and given. The
    /// work runs on the reader's thread.
    /// </summary>
    /// <param name="questions">The questions.</param>
    /// <param name="reading">How much of each is read; null: as the options say.</param>
    /// <param name="maxLatency">How long one may wait for others of its batch where the source never pauses; null: until the batch is
    /// full.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    public IAsyncEnumerable<QuestionAnswer> AnswerStreamAsync(
        IAsyncEnumerable<(string Question, string Document)> questions, ReadingOptions? reading = null, TimeSpan? maxLatency = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        return _pipeline.StreamAsync(questions, reading, maxLatency, nameof(questions), cancellationToken);
    }

    /// <summary>The inner path: the best answers as parts of the document; allocates nothing once warm.</summary>
    /// <param name="question">The question.</param>
    /// <param name="document">A document of any length.</param>
    /// <param name="answers">Receives as many answers as fit, best first.</param>
    /// <param name="noAnswerScore">See <see cref="QuestionAnswer.NoAnswerScore"/>.</param>
    /// <param name="read">What was read of question and document.</param>
    /// <param name="reading">How much is read; null: as the options say.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <returns>The number of answers written.</returns>
    /// <exception cref="ArgumentException">The texts are longer than is read where that is an error.</exception>
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
