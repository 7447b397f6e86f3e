using System.Runtime.CompilerServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Inference;
using SqueezeBert.Models;
using SqueezeBert.Pipelines;
using SqueezeBert.Tokenization;

namespace SqueezeBert;

/// <summary>
/// Gives texts the labels of a sequence-classification model. Thread-safe: concurrent callers share the weights, each has its own session.
/// </summary>
public sealed class TextClassifier : IDisposable
{
    private readonly InferenceModel _model;
    private readonly SessionPool<ClassificationWorker> _workers;
    private readonly TextClassifierOptions _options;

    private TextClassifier(InferenceModel model, BertTokenizer tokenizer, TextClassifierOptions options)
    {
        _model = model;
        Tokenizer = tokenizer;
        _options = options;
        Labels = model.Configuration.Labels;
        MaxLength = Math.Min(options.MaxLength ?? tokenizer.ModelMaxLength ?? int.MaxValue, model.Configuration.MaxPositionEmbeddings);
        _workers = new SessionPool<ClassificationWorker>(() => new ClassificationWorker(model, tokenizer, Labels, MaxLength, options.LongText));
    }

    /// <summary>Names of the labels by id.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Tokens that are read at once, special tokens included.</summary>
    public int MaxLength { get; }

    /// <summary>The model's tokenizer.</summary>
    public BertTokenizer Tokenizer { get; }

    /// <summary>The model's configuration.</summary>
    public ModelConfiguration Configuration => _model.Configuration;

    /// <summary>What the scores mean: as the configuration says, else by the number of labels (one is a regression), as in transformers.</summary>
    public ProblemType ProblemType => ClassificationScores.ProblemOf(_model.Configuration);

    /// <summary>Loads a model folder: config.json, weights, vocabulary.</summary>
    /// <param name="path">A folder on disk; nothing is ever downloaded.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// No such folder (the message names the nearest that exist), a file is missing or damaged, or the files do not fit each other.
    /// </exception>
    /// <exception cref="NotSupportedException">The model is of another kind than a sequence classifier, or of an unsupported architecture.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TextClassifier Load(string path, TextClassifierOptions? options = null)
    {
        options ??= new TextClassifierOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BatchTokens, 1, nameof(options));
        if (options.MaxLength is { } length) ArgumentOutOfRangeException.ThrowIfLessThan(length, 3, nameof(options));
        using var folder = ModelFolder.Open(path);
        var tokenizer = BertTokenizer.Load(path);
        var head = ModelGraph.HeadOf(folder.Configuration);
        if (head != ModelHead.SequenceClassification)
            throw new NotSupportedException($"{path} is no sequence classifier: its architecture is '{string.Join(", ", folder.Configuration.Architectures)}'");
        var model = new InferenceModel(folder.Configuration, ModelGraph.Create(folder.Configuration, head), folder.Weights, options.Inference);
        return new TextClassifier(model, tokenizer, options);
    }

    /// <summary>Classifies a text.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Classification Classify(string text, CancellationToken cancellationToken = default) => Classify(text, null, cancellationToken);

    /// <summary>Classifies a pair of texts, such as a premise and a hypothesis.</summary>
    public Classification Classify(string text, string? pair, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var worker = _workers.Rent();
        try
        {
            worker.Clear();
            worker.Add(text, pair);
            worker.Run(cancellationToken);
            return worker.Result(0);
        }
        finally
        {
            _workers.Return(worker);
        }
    }

    /// <summary>Classifies texts together, which is faster than one by one. A text's result has the same bits as alone.</summary>
    /// <returns>As many results, in the order of the texts.</returns>
    public IReadOnlyList<Classification> Classify(IReadOnlyList<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var results = new List<Classification>(texts.Count);
        foreach (var result in ClassifyStream(texts, cancellationToken)) results.Add(result);
        return results;
    }

    /// <summary>Classifies a sequence of any length in batches; results come in order while the rest is still to be read.</summary>
    public IEnumerable<Classification> ClassifyStream(IEnumerable<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return Stream(texts.Select(text => (text, (string?)null)), cancellationToken);
    }

    /// <summary>As <see cref="ClassifyStream(IEnumerable{string}, CancellationToken)"/> for pairs of texts; a text whose pair is null stands alone. A pair is truncated even where texts are read in windows.</summary>
    public IEnumerable<Classification> ClassifyStream(IEnumerable<(string Text, string? Pair)> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return Stream(texts, cancellationToken);
    }

    /// <summary>As <see cref="ClassifyStream(IEnumerable{string}, CancellationToken)"/> for a source that is awaited; the work runs on the caller's thread between two texts.</summary>
    public async IAsyncEnumerable<Classification> ClassifyStreamAsync(
        IAsyncEnumerable<string> texts, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var worker = _workers.Rent();
        try
        {
            worker.Clear();
            await foreach (var text in texts.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                worker.Add(text, null);
                if (worker.TokenCount < _options.BatchTokens) continue;
                worker.Run(cancellationToken);
                for (var i = 0; i < worker.TextCount; i++) yield return worker.Result(i);
                worker.Clear();
            }

            worker.Run(cancellationToken);
            for (var i = 0; i < worker.TextCount; i++) yield return worker.Result(i);
        }
        finally
        {
            _workers.Return(worker);
        }
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
        if (scores.Length < Labels.Count) throw new ArgumentException($"{Labels.Count} labels need as many scores, not {scores.Length}", nameof(scores));
        var worker = _workers.Rent();
        try
        {
            worker.Clear();
            worker.Add(text);
            worker.Run(cancellationToken);
            return worker.Scores(0, scores);
        }
        finally
        {
            _workers.Return(worker);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _workers.Dispose();
        _model.Dispose();
    }

    private IEnumerable<Classification> Stream(IEnumerable<(string Text, string? Pair)> texts, CancellationToken cancellationToken)
    {
        var worker = _workers.Rent();
        try
        {
            worker.Clear();
            foreach (var (text, pair) in texts)
            {
                worker.Add(text, pair);
                if (worker.TokenCount < _options.BatchTokens) continue;
                worker.Run(cancellationToken);
                for (var i = 0; i < worker.TextCount; i++) yield return worker.Result(i);
                worker.Clear();
            }

            worker.Run(cancellationToken);
            for (var i = 0; i < worker.TextCount; i++) yield return worker.Result(i);
        }
        finally
        {
            _workers.Return(worker);
        }
    }
}
