using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.Choosing;
using SqueezeBert.Tokenization;

namespace SqueezeBert;

/// <summary>
/// Chooses the text that goes best with a prompt, with a multiple-choice model (SWAG, RACE). Thread-safe: concurrent callers share the
/// weights, each has its own session.
/// </summary>
public sealed class ChoiceSelector : IDisposable
{
    private readonly Pipeline<ChoiceWorker, (string Prompt, IReadOnlyList<string> Choices), Choice> _pipeline;

    private ChoiceSelector(PipelineModel model, LongText longText) => _pipeline = new(model, model => new ChoiceWorker(model, longText));

    /// <summary>Tokens of prompt and choice together at most, special tokens included.</summary>
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
    /// <exception cref="NotSupportedException">The model is not for multiple choice, or of an unsupported architecture.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static ChoiceSelector Load(string path, ChoiceSelectorOptions? options = null)
    {
        options ??= new ChoiceSelectorOptions();
        return new ChoiceSelector(PipelineModel.Load(path, ModelHead.MultipleChoice, options, shortest: 5), options.LongText);
    }

    /// <summary>Chooses.</summary>
    /// <param name="prompt">A question or the beginning of a story.</param>
    /// <param name="choices">One or more.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <exception cref="ArgumentException">There is no choice.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Choice Choose(string prompt, IReadOnlyList<string> choices, CancellationToken cancellationToken = default) =>
        _pipeline.Run(Check((prompt, choices)), cancellationToken);

    /// <summary>Chooses for many prompts together, which is faster than one by one. Each result has the same bits as alone.</summary>
    /// <returns>As many results, in the order of the questions.</returns>
    /// <exception cref="ArgumentException">A prompt has no choice.</exception>
    public IReadOnlyList<Choice> Choose(IReadOnlyList<(string Prompt, IReadOnlyList<string> Choices)> questions,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        return _pipeline.RunAll(questions.Select(Check), cancellationToken);
    }

    /// <summary>Chooses for a sequence of any length in batches; results come in order while the rest is still to be read.</summary>
    public IEnumerable<Choice> ChooseStream(IEnumerable<(string Prompt, IReadOnlyList<string> Choices)> questions,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        return _pipeline.Stream(questions.Select(Check), cancellationToken);
    }

    /// <summary>
    /// As <see cref="ChooseStream"/> for a source that is awaited; the work runs on the caller's thread between two questions.
    /// </summary>
    public IAsyncEnumerable<Choice> ChooseStreamAsync(
        IAsyncEnumerable<(string Prompt, IReadOnlyList<string> Choices)> questions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        return _pipeline.StreamAsync(questions.Select(Check), cancellationToken);
    }

    /// <summary>The inner path: probabilities in the order of the choices; allocates nothing once warm.</summary>
    /// <param name="prompt">A question or the beginning of a story.</param>
    /// <param name="choices">One or more.</param>
    /// <param name="scores">At least as many elements as choices.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <returns>Whether a pair of prompt and choice was truncated.</returns>
    /// <exception cref="ArgumentException">There is no choice, or the span is too short.</exception>
    public bool Choose(string prompt, IReadOnlyList<string> choices, Span<float> scores, CancellationToken cancellationToken = default)
    {
        Check((prompt, choices));
        if (scores.Length < choices.Count)
            throw new ArgumentException($"{choices.Count} choices need as many scores, not {scores.Length}", nameof(scores));
        var worker = _pipeline.Rent();
        try
        {
            worker.Add((prompt, choices), cancellationToken);
            worker.Finish(cancellationToken);
            return worker.Scores(0, scores);
        }
        finally
        {
            _pipeline.Return(worker);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _pipeline.Dispose();

    private static (string Prompt, IReadOnlyList<string> Choices) Check((string Prompt, IReadOnlyList<string> Choices) question)
    {
        ArgumentNullException.ThrowIfNull(question.Prompt);
        ArgumentNullException.ThrowIfNull(question.Choices);
        if (question.Choices.Count == 0) throw new ArgumentException("there is nothing to choose from", nameof(question));
        return question;
    }
}
