using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.Answering;
using SqueezeBert.Tokenization;

namespace SqueezeBert;

/// <summary>
/// Finds the part of a document that answers a question, with a model for extractive question answering (SQuAD). Thread-safe: concurrent
/// callers share the weights, each has its own session.
/// </summary>
public sealed class QuestionAnswerer : IDisposable
{
    private readonly Pipeline<QuestionAnsweringWorker, (string Question, string Document), QuestionAnswer> _pipeline;

    private QuestionAnswerer(PipelineModel model, QuestionAnswererOptions options) =>
        _pipeline = new(model, model => new QuestionAnsweringWorker(model, options));

    /// <summary>Tokens of a window at most: the question, a part of the document and three special tokens.</summary>
    public int MaxLength => _pipeline.Model.MaxLength;

    /// <summary>The model's tokenizer.</summary>
    public BertTokenizer Tokenizer => _pipeline.Model.Tokenizer;

    /// <summary>The model's configuration.</summary>
    public ModelConfiguration Configuration => _pipeline.Model.Configuration;

    /// <summary>Loads a model folder: config.json, weights, vocabulary.</summary>
    /// <param name="path">A folder on disk; nothing is ever downloaded.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// No such folder (the message names the nearest that exist), a file is missing or damaged, or the files do not fit each other.
    /// </exception>
    /// <exception cref="NotSupportedException">The model is not for question answering, or of an unsupported architecture.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static QuestionAnswerer Load(string path, QuestionAnswererOptions? options = null)
    {
        options ??= new QuestionAnswererOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Candidates, 1, nameof(options.Candidates));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxAnswerTokens, 1, nameof(options.MaxAnswerTokens));
        ArgumentOutOfRangeException.ThrowIfNegative(options.Overlap ?? 0, nameof(options.Overlap));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxQuestionTokens ?? 1, 1, nameof(options.MaxQuestionTokens));
        if (float.IsNaN(options.NoAnswerThreshold))
            throw new ArgumentOutOfRangeException(
                nameof(options.NoAnswerThreshold), options.NoAnswerThreshold, "The threshold is not a number.");
        var model = PipelineModel.Load(path, ModelHead.QuestionAnswering, options, shortest: 5,
            usualLength: QuestionAnswererOptions.DefaultMaxLength);
        return new QuestionAnswerer(model, options);
    }

    /// <summary>Answers a question from a document of any length.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public QuestionAnswer Answer(string question, string document, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(document);
        return _pipeline.Run((question, document), cancellationToken);
    }

    /// <summary>Answers questions together, which is faster than one by one. Each result has the same bits as alone.</summary>
    /// <returns>As many results, in the order of the questions.</returns>
    public IReadOnlyList<QuestionAnswer> Answer(IReadOnlyList<(string Question, string Document)> questions,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        return _pipeline.RunAll(questions, cancellationToken);
    }

    /// <summary>Answers a sequence of any length in batches; results come in order while the rest is still to be read.</summary>
    public IEnumerable<QuestionAnswer> AnswerStream(
        IEnumerable<(string Question, string Document)> questions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        return _pipeline.Stream(questions, cancellationToken);
    }

    /// <summary>
    /// As <see cref="AnswerStream"/> for a source that is awaited; the work runs on the caller's thread between two questions.
    /// </summary>
    public IAsyncEnumerable<QuestionAnswer> AnswerStreamAsync(
        IAsyncEnumerable<(string Question, string Document)> questions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        return _pipeline.StreamAsync(questions, cancellationToken);
    }

    /// <summary>The inner path: the best answers as parts of the document; allocates nothing once warm.</summary>
    /// <param name="question">The question.</param>
    /// <param name="document">A document of any length.</param>
    /// <param name="answers">Receives as many answers as fit, best first.</param>
    /// <param name="noAnswerScore">See <see cref="QuestionAnswer.NoAnswerScore"/>.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <returns>The number of answers written.</returns>
    public int Answer(
        ReadOnlySpan<char> question, ReadOnlySpan<char> document, Span<AnswerSpan> answers, out float noAnswerScore,
        CancellationToken cancellationToken = default)
    {
        var worker = _pipeline.Rent();
        try
        {
            worker.Add(question, document, null, cancellationToken);
            worker.Finish(cancellationToken);
            var spans = worker.Spans(0, out noAnswerScore, out _);
            var count = Math.Min(spans.Length, answers.Length);
            spans[..count].CopyTo(answers);
            return count;
        }
        finally
        {
            _pipeline.Return(worker);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _pipeline.Dispose();
}
