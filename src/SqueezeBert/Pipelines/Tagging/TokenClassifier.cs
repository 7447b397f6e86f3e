using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.Tagging;
using SqueezeBert.Tokenization;

namespace SqueezeBert;

/// <summary>
/// Finds names, places, parts of speech: whatever a token-classification model labels. Thread-safe: concurrent callers share the weights,
/// each has its own session.
/// </summary>
public sealed class TokenClassifier : IDisposable
{
    private readonly Pipeline<TokenClassificationWorker, string, TokenClassification> _pipeline;

    private TokenClassifier(PipelineModel model, TokenClassifierOptions options)
    {
        var aggregator = new EntityAggregator(model.Configuration.Labels, options.Aggregation, options.IgnoredLabels);
        _pipeline = new(model, model => new TokenClassificationWorker(model, options.LongText, aggregator));
    }

    /// <summary>Names of the labels by id.</summary>
    public IReadOnlyList<string> Labels => Configuration.Labels;

    /// <summary>Tokens of a text, or of a window of it, at most, special tokens included.</summary>
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
    /// <exception cref="NotSupportedException">The model is not for token classification, or of an unsupported architecture.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TokenClassifier Load(string path, TokenClassifierOptions? options = null)
    {
        options ??= new TokenClassifierOptions();
        if (!Enum.IsDefined(options.Aggregation))
            throw new ArgumentOutOfRangeException(nameof(options.Aggregation), options.Aggregation, "There is no such aggregation.");
        return new TokenClassifier(PipelineModel.Load(path, ModelHead.TokenClassification, options), options);
    }

    /// <summary>Finds the entities of a text.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public TokenClassification Classify(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.Run(text, cancellationToken);
    }

    /// <summary>Reads texts together, which is faster than one by one. Each result has the same bits as alone.</summary>
    /// <returns>As many results, in the order of the texts.</returns>
    public IReadOnlyList<TokenClassification> Classify(IReadOnlyList<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.RunAll(texts, cancellationToken);
    }

    /// <summary>Reads a sequence of any length in batches; results come in order while the rest is still to be read.</summary>
    public IEnumerable<TokenClassification> ClassifyStream(IEnumerable<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.Stream(texts, cancellationToken);
    }

    /// <summary>
    /// As <see cref="ClassifyStream"/> for a source that is awaited; the work runs on the caller's thread between two texts.
    /// </summary>
    public IAsyncEnumerable<TokenClassification> ClassifyStreamAsync(
        IAsyncEnumerable<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.StreamAsync(texts, cancellationToken);
    }

    /// <summary>The inner path: every token's probability of every label; allocates nothing once warm.</summary>
    /// <param name="text">The text.</param>
    /// <param name="scores">Receives [tokens, labels], row-major, labels in the order of <see cref="Labels"/>; no special tokens.</param>
    /// <param name="offsets">Receives where each token is in the text.</param>
    /// <param name="isTruncated">Whether the end of the text was cut off.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <returns>The number of tokens.</returns>
    /// <exception cref="ArgumentException">A span is too short for the tokens.</exception>
    public int Classify(ReadOnlySpan<char> text, Span<float> scores, Span<TokenOffset> offsets, out bool isTruncated,
        CancellationToken cancellationToken = default)
    {
        var worker = _pipeline.Rent();
        try
        {
            worker.Add(text, null, cancellationToken);
            worker.Finish(cancellationToken);
            var rows = worker.Scores(0);
            var places = worker.Offsets(0);
            if (scores.Length < rows.Length || offsets.Length < places.Length)
                throw new ArgumentException(
                    $"{places.Length} tokens need as many offsets and {rows.Length} scores, not {offsets.Length} and {scores.Length}",
                    nameof(scores));
            rows.CopyTo(scores);
            places.CopyTo(offsets);
            isTruncated = worker.IsTruncated(0);
            return places.Length;
        }
        finally
        {
            _pipeline.Return(worker);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _pipeline.Dispose();
}
