using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.Reranking;

namespace SqueezeBert;

/// <summary>
/// Sorts texts by their relevance to a query, with a cross-encoder. A cross-encoder is a sequence-classification model that reads query and
/// text together. It is more accurate than a comparison of vectors, but it needs one model run per text. The class is thread-safe: any
/// number of threads may call one instance.
/// </summary>
public sealed class TextReranker : TextPipeline
{
    private readonly Pipeline<RerankingWorker, TextPair, ScoredText> _pipeline;

    /// <summary>Creates a pipeline on a model that other pipelines may share. Disposing the pipeline does not dispose the model.</summary>
    /// <param name="model">A model with a sequence-classification head.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <exception cref="UnsupportedModelException">
    /// The model has no sequence-classification head, or it has several labels and the options do not name one.
    /// </exception>
    /// <exception cref="ArgumentException">An option is out of range, or the model has no label or head of the given name.</exception>
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

    /// <summary>The label whose score is the relevance.</summary>
    public string RelevantLabel { get; }

    /// <summary>Loads a model (config.json, weights and vocabulary) and creates a pipeline that owns it.</summary>
    /// <param name="source">A folder or file on disk, or files in memory. Nothing is ever downloaded.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="model">How the model computes. Null uses the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// The folder does not exist (the message names the nearest existing ones), a file is missing or damaged, or the files do not fit
    /// together.
    /// </exception>
    /// <exception cref="UnsupportedModelException">
    /// The model has no sequence-classification head, its architecture is not supported, or it has several labels and the options do not
    /// name one.
    /// </exception>
    /// <exception cref="ArgumentException">An option is out of range, or the model has no label or head of the given name.</exception>
    public static TextReranker Load(ModelSource source, TextRerankerOptions? options = null, ModelOptions? model = null) =>
        PipelineModel.Load(
            source, model, ModelHead.SequenceClassification, options,
            model => new TextReranker(model, options ?? new TextRerankerOptions(), ownsModel: true));

    /// <summary>Sorts texts by their relevance to a query, on the caller's thread.</summary>
    /// <param name="query">The query.</param>
    /// <param name="texts">The texts. Each score has the same bits as a call for that text alone.</param>
    /// <param name="reading">How much of each pair is read. Null uses the pipeline's options.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <returns>All texts, highest score first. Texts with equal scores keep their order.</returns>
    /// <exception cref="ArgumentException">
    /// The query or a text is null (the message has its index), or a pair has more tokens than are read at once and
    /// <see cref="ReadingOptions.LongText"/> is <see cref="LongText.Error"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline or its model has been disposed.</exception>
    public IReadOnlyList<RankedText> Rank(
        string query, IReadOnlyList<string> texts, ReadingOptions? reading = null, CancellationToken cancellationToken = default) =>
        Ordered(_pipeline.RunAll(Pairs(query, texts), reading, nameof(texts), cancellationToken));

    /// <summary>
    /// Like <see cref="Rank"/>, as an asynchronous call. It joins the model's queue, where the calls of all pipelines on the model are
    /// computed in shared batches. The texts may be computed in several batches. An idle model starts at once. Cancelling ends this call
    /// only, so a token with a timeout acts as a deadline.
    /// </summary>
    /// <exception cref="QueueFullException">
    /// The queue is full, and <see cref="ModelOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.
    /// </exception>
    /// <inheritdoc cref="Rank"/>
    public async Task<IReadOnlyList<RankedText>> RankAsync(
        string query, IReadOnlyList<string> texts, ReadingOptions? reading = null, CancellationToken cancellationToken = default) =>
        Ordered(
            await _pipeline.RunAllAsync(Pairs(query, texts), reading, nameof(texts), cancellationToken).ConfigureAwait(false));

    /// <summary>
    /// Scores a sequence of any length in batches. Results are returned in the order of the sequence while the rest is still unread. Each
    /// batch is read completely before its first result, so use the asynchronous method for a source that pauses:
    /// <see cref="ScoreStreamAsync"/>.
    /// </summary>
    /// <param name="pairs">The pairs, each of a query and a text in this order.</param>
    /// <param name="reading">How much of each pair is read. Null uses the pipeline's options.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="ArgumentException">
    /// A query or text is null (the message has its index), or a pair has more tokens than are read at once and
    /// <see cref="ReadingOptions.LongText"/> is <see cref="LongText.Error"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline or its model has been disposed.</exception>
    public IEnumerable<RankedText> ScoreStream(
        IEnumerable<TextPair> pairs, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return _pipeline.Stream(pairs, reading, nameof(pairs), cancellationToken).Select(Ranked);
    }

    /// <summary>
    /// Like <see cref="ScoreStream"/>, for an asynchronous source. Whenever the source has no item ready, the items read so far are
    /// computed and returned. The work runs on the consumer's thread.
    /// </summary>
    /// <param name="pairs">The pairs, each of a query and a text in this order.</param>
    /// <param name="reading">How much of each pair is read. Null uses the pipeline's options.</param>
    /// <param name="maxLatency">
    /// The longest time that an item waits for its batch to fill while the source never pauses; zero or more. Null waits until the batch is
    /// full.
    /// </param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="maxLatency"/> is negative, or a value of <paramref name="reading"/> is out of range.
    /// </exception>
    public IAsyncEnumerable<RankedText> ScoreStreamAsync(
        IAsyncEnumerable<TextPair> pairs, ReadingOptions? reading = null, TimeSpan? maxLatency = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return _pipeline.StreamAsync(pairs, reading, maxLatency, nameof(pairs), cancellationToken).Select(Ranked);
    }

    /// <summary>Returns the score of one text. This overload allocates nothing after the first calls.</summary>
    /// <param name="query">The query.</param>
    /// <param name="text">The text.</param>
    /// <param name="read">Receives how much of both texts was read.</param>
    /// <param name="reading">How much of the input is read. Null uses the pipeline's options.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <returns>The relevance, like <see cref="RankedText.Score"/>.</returns>
    /// <exception cref="ArgumentException">
    /// The texts have more tokens than are read at once, and <see cref="ReadingOptions.LongText"/> is <see cref="LongText.Error"/>.
    /// </exception>
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
