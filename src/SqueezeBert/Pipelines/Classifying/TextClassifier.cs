using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.Classifying;
using SqueezeBert.Tokenization;

namespace SqueezeBert;

/// <summary>
/// Gives texts the labels of a sequence-classification model. Thread-safe: concurrent callers share the weights, each has its own session.
/// </summary>
public sealed class TextClassifier : IDisposable
{
    private readonly Pipeline<ClassificationWorker, (string Text, string? Pair), Classification> _pipeline;

    private TextClassifier(PipelineModel model, LongText longText) =>
        _pipeline = new(model, model => new ClassificationWorker(model, longText));

    /// <summary>Names of the labels by id.</summary>
    public IReadOnlyList<string> Labels => Configuration.Labels;

    /// <summary>Tokens that are read at once, special tokens included.</summary>
    public int MaxLength => _pipeline.Model.MaxLength;

    /// <summary>The model's tokenizer.</summary>
    public BertTokenizer Tokenizer => _pipeline.Model.Tokenizer;

    /// <summary>The model's configuration.</summary>
    public ModelConfiguration Configuration => _pipeline.Model.Configuration;

    /// <summary>
    /// What the scores mean: as the configuration says, else by the number of labels (one has a sigmoid), as in transformers.
    /// </summary>
    public ProblemType ProblemType => ClassificationScores.ProblemOf(Configuration);

    /// <summary>Loads a model folder: config.json, weights, vocabulary.</summary>
    /// <param name="path">A folder on disk; nothing is ever downloaded.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// No such folder (the message names the nearest that exist), a file is missing or damaged, or the files do not fit each other.
    /// </exception>
    /// <exception cref="NotSupportedException">The model is of another kind than a sequence classifier, or of an unsupported
    /// architecture.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TextClassifier Load(string path, TextClassifierOptions? options = null)
    {
        options ??= new TextClassifierOptions();
        return new TextClassifier(PipelineModel.Load(path, ModelHead.SequenceClassification, options), options.LongText);
    }

    /// <summary>Classifies a text.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Classification Classify(string text, CancellationToken cancellationToken = default) => Classify(text, null, cancellationToken);

    /// <summary>Classifies a pair of texts, such as a premise and a hypothesis.</summary>
    public Classification Classify(string text, string? pair, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.Run((text, pair), cancellationToken);
    }

    /// <summary>Classifies texts together, which is faster than one by one. A text's result has the same bits as alone.</summary>
    /// <returns>As many results, in the order of the texts.</returns>
    public IReadOnlyList<Classification> Classify(IReadOnlyList<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.RunAll(texts.Select(Alone), cancellationToken);
    }

    /// <summary>Classifies a sequence of any length in batches; results come in order while the rest is still to be read.</summary>
    public IEnumerable<Classification> ClassifyStream(IEnumerable<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.Stream(texts.Select(Alone), cancellationToken);
    }

    /// <summary>
    /// As <see cref="ClassifyStream(IEnumerable{string}, CancellationToken)"/> for pairs of texts; a text whose pair is null stands alone.
    /// </summary>
    public IEnumerable<Classification> ClassifyStream(
        IEnumerable<(string Text, string? Pair)> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.Stream(texts, cancellationToken);
    }

    /// <summary>
    /// As <see cref="ClassifyStream(IEnumerable{string}, CancellationToken)"/> for a source that is awaited; the work runs on the caller's
    /// thread between two texts.
    /// </summary>
    public IAsyncEnumerable<Classification> ClassifyStreamAsync(
        IAsyncEnumerable<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.StreamAsync(texts.Select(Alone), cancellationToken);
    }

    /// <summary>
    /// The inner path: scores of every label, in the order of <see cref="Labels"/>, for a text of any length; allocates nothing once warm.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="scores">At least <see cref="Labels"/> elements.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <returns>Whether the text was truncated.</returns>
    public bool Classify(ReadOnlySpan<char> text, Span<float> scores, CancellationToken cancellationToken = default)
    {
        if (scores.Length < Labels.Count)
            throw new ArgumentException($"{Labels.Count} labels need as many scores, not {scores.Length}", nameof(scores));
        var worker = _pipeline.Rent();
        try
        {
            worker.Add(text, cancellationToken);
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

    private static (string Text, string? Pair) Alone(string text) => (text, null);
}
