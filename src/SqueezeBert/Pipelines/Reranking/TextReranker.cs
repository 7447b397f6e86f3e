using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.Reranking;

namespace SqueezeBert;

/// <summary>
/// Puts texts in the order of their relevance to a query with a cross-encoder: a model for sequence classification that reads query and
/// text together, which tells more than their vectors and costs a pass for each text. Thread-safe: any number of callers share the weights.
/// </summary>
public sealed class TextReranker : TextPipeline
{
    private readonly Pipeline<RerankingWorker, TextPair, ScoredText> _pipeline;

    /// <summary>Makes one of a model that others may use too, and that is not disposed with it.</summary>
    /// <param name="model">A model for sequence classification.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="UnsupportedModelException">The model is of another kind, or has several labels and the options name
    /// none.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the model has no label of that name.</exception>
    public TextReranker(InferenceModel model, TextRerankerOptions? options = null)
        : this(model, options ?? new TextRerankerOptions(), ownsModel: false)
    {
    }

    private TextReranker(InferenceModel model, TextRerankerOptions options, bool ownsModel)
        : this(new PipelineModel(
            model, ownsModel, ModelHead.SequenceClassification, [OutputNames.Logits], options, nameof(TextReranker), shortest: 5), options)
    {
    }

    private TextReranker(PipelineModel model, TextRerankerOptions options)
        : base(model)
    {
        var relevance = Relevance.Of(model.Configuration, options.RelevantLabel);
        if (options.HasRawScores) relevance = relevance with { Problem = ProblemType.Regression };
        RelevantLabel = model.Configuration.Labels[relevance.Label];
        _pipeline = new(model, model => new RerankingWorker(model, relevance));
    }

    /// <summary>The model's label whose score is the relevance.</summary>
    public string RelevantLabel { get; }

    /// <summary>Loads a model of the pipeline's own: config.json, weights, vocabulary.</summary>
    /// <param name="source">A folder or file on disk; nothing is ever downloaded.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="model">How the model computes; null for the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// No such folder (the message names the nearest that exist), a file is missing or damaged, or the files do not fit each other.
    /// </exception>
    /// <exception cref="UnsupportedModelException">The model is no sequence classifier, of an unsupported architecture, or has several
    /// labels and the options name none.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the model has no label of that name.</exception>
    public static TextReranker Load(ModelSource source, TextRerankerOptions? options = null, ModelOptions? model = null) =>
        PipelineModel.Load(
            source, model, ModelHead.SequenceClassification, options,
            model => new TextReranker(model, options ?? new TextRerankerOptions(), ownsModel: true));

    /// <summary>Puts texts in the order of their relevance to a query, on the caller's thread.</summary>
    /// <param name="query">The query.</param>
    /// <param name="texts">The texts; each has the same score, bit by bit, as alone.</param>
    /// <param name="reading">How much of each pair is read; null: as the options say.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <returns>All texts, the highest score first; equal scores in the order of the texts.</returns>
    /// <exception cref="ArgumentException">The query or a text is null (the message has its index), or longer than is read where that is an
    /// error.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline or its model is disposed.</exception>
    public IReadOnlyList<RankedText> Rank(
        string query, IReadOnlyList<string> texts, ReadingOptions? reading = null, CancellationToken cancellationToken = default) =>
        Ordered(_pipeline.RunAll(Pairs(query, texts), reading, nameof(texts), cancellationToken));

    /// <summary>
    /// As <see cref="Rank"/> in the model's queue, where the calls of all its pipelines meet and are computed together; the texts may be
    /// computed in several batches. Nothing waits while the model is idle. Cancelling ends this call only; a token with a timeout is a
    /// deadline.
    /// </summary>
    /// <exception cref="QueueFullException">The queue is full, and the model's options say that calls do not wait for room.</exception>
    /// <inheritdoc cref="Rank"/>
    public async Task<IReadOnlyList<RankedText>> RankAsync(
        string query, IReadOnlyList<string> texts, ReadingOptions? reading = null, CancellationToken cancellationToken = default) =>
        Ordered(
            await _pipeline.RunAllAsync(Pairs(query, texts), reading, nameof(texts), cancellationToken).ConfigureAwait(false));

    /// <summary>
    /// Scores a sequence of any length in batches, in its own order; results come while the rest is still to be read. Whether the next pair
    /// is there cannot be seen, so a batch is always filled: a source that pauses is better read by <see cref="ScoreStreamAsync"/>.
    /// </summary>
    /// <param name="pairs">A query and a text each, in this order.</param>
    /// <param name="reading">How much of each pair is read; null: as the options say.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <exception cref="ArgumentException">A query or text is null (the message has its index), or longer than is read where that is an
    /// error.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline or its model is disposed.</exception>
    public IEnumerable<RankedText> ScoreStream(
        IEnumerable<TextPair> pairs, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return _pipeline.Stream(pairs, reading, nameof(pairs), cancellationToken).Select(Ranked);
    }

    /// <summary>
    /// As <see cref="ScoreStream"/> for a source that is awaited: whenever it has nothing ready, what is there is computed and given. The
    /// work runs on the reader's thread.
    /// </summary>
    /// <param name="pairs">A query and a text each, in this order.</param>
    /// <param name="reading">How much of each pair is read; null: as the options say.</param>
    /// <param name="maxLatency">How long one may wait for others of its batch where the source never pauses; null: until the batch is
    /// full.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    public IAsyncEnumerable<RankedText> ScoreStreamAsync(
        IAsyncEnumerable<TextPair> pairs, ReadingOptions? reading = null, TimeSpan? maxLatency = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return _pipeline.StreamAsync(pairs, reading, maxLatency, nameof(pairs), cancellationToken).Select(Ranked);
    }

    /// <summary>The inner path: the score of one text; allocates nothing once warm.</summary>
    /// <param name="query">The query.</param>
    /// <param name="text">The text.</param>
    /// <param name="read">What was read of both.</param>
    /// <param name="reading">How much is read; null: as the options say.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <returns>The score, as <see cref="RankedText.Score"/>.</returns>
    /// <exception cref="ArgumentException">The texts are longer than is read where that is an error.</exception>
    public float Score(
        ReadOnlySpan<char> query, ReadOnlySpan<char> text, out ReadInfo read, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default)
    {
        var resolved = _pipeline.Model.Of(reading);
        var worker = _pipeline.Rent();
        try
        {
            worker.Add(query, text, resolved, cancellationToken);
            worker.Finish(cancellationToken);
            return worker.Score(0, out read);
        }
        finally
        {
            _pipeline.Return(worker);
        }
    }

    /// <inheritdoc/>
    public override void WarmUp(CancellationToken cancellationToken = default) => Rank("a", ["a"], null, cancellationToken);

    private static IReadOnlyList<TextPair> Pairs(
        string query, IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(texts);
        return [.. texts.Select(text => new TextPair(query, text))];
    }

    private static RankedText Ranked(ScoredText text, int index) =>
        new() { Index = index, Text = text.Text, Score = text.Score, Read = text.Read };

    private static IReadOnlyList<RankedText> Ordered(IReadOnlyList<ScoredText> texts) =>
        [.. texts.Select(Ranked).OrderByDescending(text => text.Score)];
}
