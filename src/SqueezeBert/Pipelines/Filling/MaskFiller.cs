using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.Filling;

namespace SqueezeBert;

/// <summary>
/// Predicts the words at the masks of a text, with a masked language model. The class is thread-safe: any number of threads may call one
/// instance.
/// </summary>
public sealed class MaskFiller : TextPipeline
{
    private readonly Pipeline<MaskFillingWorker, FillingInput, MaskFilling> _pipeline;

    /// <summary>Creates a pipeline on a model that other pipelines may share. Disposing the pipeline does not dispose the model.</summary>
    /// <param name="model">A masked language model. A checkpoint from pretraining has this head too.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <exception cref="UnsupportedModelException">
    /// The model has no head for this task, or it reads fewer tokens at once than the task needs.
    /// </exception>
    /// <exception cref="ArgumentException">An option is out of range, or the model has no head of the given name.</exception>
    public MaskFiller(InferenceModel model, MaskFillerOptions? options = null)
        : this(model, options ?? new MaskFillerOptions(), ownsModel: false)
    {
    }

    private MaskFiller(InferenceModel model, MaskFillerOptions options, bool ownsModel)
        : this(model, options, OutputOf(model, options), ownsModel)
    {
    }

    private MaskFiller(InferenceModel model, MaskFillerOptions options, string output, bool ownsModel)
        : this(new PipelineModel(model, ownsModel, ModelHead.MaskedLanguageModel, [output], options, nameof(MaskFiller)), options, output)
    {
    }

    private MaskFiller(PipelineModel model, MaskFillerOptions options, string output)
        : base(model) => _pipeline = new(model, model => new MaskFillingWorker(model, options, output));

    /// <summary>The text that stands for a mask: "[MASK]", unless the tokenizer uses another one.</summary>
    public string MaskToken => Tokenizer.Options.MaskToken;

    /// <summary>
    /// Loads a model (config.json, weights and vocabulary) and creates a pipeline that owns it. A checkpoint from pretraining has the
    /// required head too.
    /// </summary>
    /// <param name="source">A folder or file on disk, or files in memory. Nothing is ever downloaded.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="model">How the model computes. Null uses the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// The folder does not exist (the message names the nearest existing ones), a file is missing or damaged, or the files do not fit
    /// together.
    /// </exception>
    /// <exception cref="UnsupportedModelException">
    /// The model is not a masked language model, its vocabulary has no mask token, or its architecture is not supported.
    /// </exception>
    /// <exception cref="ArgumentException">An option is out of range, or the model has no head of the given name.</exception>
    public static MaskFiller Load(ModelSource source, MaskFillerOptions? options = null, ModelOptions? model = null) =>
        PipelineModel.Load(
            source, model, ModelHead.MaskedLanguageModel, options,
            model => new MaskFiller(model, options ?? new MaskFillerOptions(), ownsModel: true));

    /// <summary>Fills the masks of a text on the caller's thread.</summary>
    /// <param name="text">A text with any number of <see cref="MaskToken"/>. For a text without masks, the result has none.</param>
    /// <param name="targets">
    /// The words to score, each of which must be a single token of the vocabulary. Null scores the best tokens of the whole vocabulary.
    /// </param>
    /// <param name="reading">How much of the input is read. Null uses the pipeline's options.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="ArgumentException">
    /// A text is null (for several texts, the message has the index), a target is not a single token (the message names it), or a text has
    /// more tokens than are read at once and <see cref="ReadingOptions.LongText"/> is <see cref="LongText.Error"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline or its model has been disposed.</exception>
    public MaskFilling Fill(
        string text, IReadOnlyList<string>? targets = null, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.Run(new FillingInput(text, Ids(targets)), reading, cancellationToken);
    }

    /// <summary>
    /// Fills the masks of several texts in one call, which is faster than one call per text. Each result has the same bits as a call for
    /// that text alone.
    /// </summary>
    /// <returns>One result per text, in the order of the texts.</returns>
    /// <inheritdoc cref="Fill(string, IReadOnlyList{string}, ReadingOptions, CancellationToken)"/>
    public IReadOnlyList<MaskFilling> Fill(
        IReadOnlyList<string> texts, IReadOnlyList<string>? targets = null, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var ids = Ids(targets);
        return _pipeline.RunAll([.. texts.Select(text => new FillingInput(text, ids))], reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// Like <see cref="Fill(string, IReadOnlyList{string}, ReadingOptions, CancellationToken)"/>, as an asynchronous call. It joins the
    /// model's queue, where the calls of all pipelines on the model are computed in shared batches. An idle model starts at once.
    /// Cancelling ends this call only, so a token with a timeout acts as a deadline.
    /// </summary>
    /// <exception cref="QueueFullException">
    /// The queue is full, and <see cref="ModelOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.
    /// </exception>
    /// <inheritdoc cref="Fill(string, IReadOnlyList{string}, ReadingOptions, CancellationToken)"/>
    public Task<MaskFilling> FillAsync(
        string text, IReadOnlyList<string>? targets = null, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.RunAsync(new FillingInput(text, Ids(targets)), reading, cancellationToken);
    }

    /// <summary>
    /// Fills the masks of several texts asynchronously, through the model's queue. They may be computed in several batches.
    /// </summary>
    /// <exception cref="QueueFullException">
    /// The queue is full, and <see cref="ModelOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.
    /// </exception>
    /// <inheritdoc cref="Fill(IReadOnlyList{string}, IReadOnlyList{string}, ReadingOptions, CancellationToken)"/>
    public Task<IReadOnlyList<MaskFilling>> FillAsync(
        IReadOnlyList<string> texts, IReadOnlyList<string>? targets = null, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var ids = Ids(targets);
        return _pipeline.RunAllAsync([.. texts.Select(text => new FillingInput(text, ids))], reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// Fills the masks of a sequence of texts of any length in batches. Results are returned in order while the rest of the sequence is
    /// still unread. Each batch is read completely before its first result, so use the asynchronous method for a source that pauses:
    /// <see cref="FillStreamAsync"/>.
    /// </summary>
    /// <inheritdoc cref="Fill(string, IReadOnlyList{string}, ReadingOptions, CancellationToken)"/>
    public IEnumerable<MaskFilling> FillStream(
        IEnumerable<string> texts, IReadOnlyList<string>? targets = null, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var ids = Ids(targets);
        return _pipeline.Stream(texts.Select(text => new FillingInput(text, ids)), reading, nameof(texts), cancellationToken);
    }

    /// <summary>
    /// Like <see cref="FillStream"/>, for an asynchronous source. Whenever the source has no item ready, the items read so far are computed
    /// and returned. The work runs on the consumer's thread.
    /// </summary>
    /// <param name="texts">The texts.</param>
    /// <param name="targets">
    /// The words to score, each of which must be a single token of the vocabulary. Null scores the best tokens of the whole vocabulary.
    /// </param>
    /// <param name="reading">How much of each input is read. Null uses the pipeline's options.</param>
    /// <param name="maxLatency">
    /// The longest time that an item waits for its batch to fill while the source never pauses; zero or more. Null waits until the batch is
    /// full.
    /// </param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="maxLatency"/> is negative, or a value of <paramref name="reading"/> is out of range.
    /// </exception>
    public IAsyncEnumerable<MaskFilling> FillStreamAsync(
        IAsyncEnumerable<string> texts, IReadOnlyList<string>? targets = null, ReadingOptions? reading = null, TimeSpan? maxLatency = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var ids = Ids(targets);
        return _pipeline.StreamAsync(texts.Select(text => new FillingInput(text, ids)), reading, maxLatency, nameof(texts),
            cancellationToken);
    }

    /// <summary>
    /// Writes the probability of every token of the vocabulary at every mask into a span. This overload allocates nothing after the first
    /// calls.
    /// </summary>
    /// <param name="text">A text with masks.</param>
    /// <param name="probabilities">
    /// Receives the probabilities with the shape [masks, <see cref="ModelConfiguration.VocabularySize"/>], in row-major order. Ids that the
    /// tokenizer does not have get 0.
    /// </param>
    /// <param name="read">Receives how much of the text was read.</param>
    /// <param name="reading">How much of the input is read. Null uses the pipeline's options.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <returns>The number of masks.</returns>
    /// <exception cref="ArgumentException">
    /// The span is too short for the masks, or the text has more tokens than are read at once and <see cref="ReadingOptions.LongText"/> is
    /// <see cref="LongText.Error"/>.
    /// </exception>
    public int Fill(
        ReadOnlySpan<char> text, Span<float> probabilities, out ReadInfo read, ReadingOptions? reading = null,
        CancellationToken cancellationToken = default)
    {
        var resolved = _pipeline.Model.Of(reading);
        var worker = _pipeline.Rent();
        try
        {
            worker.KeepsRows = true;
            worker.Add(text, null, [], resolved, cancellationToken);
            worker.Finish(cancellationToken);
            var rows = worker.Probabilities;
            if (rows.Length > probabilities.Length)
                throw new ArgumentException($"{worker.MaskCount} masks need {rows.Length} elements, not {probabilities.Length}",
                    nameof(probabilities));
            rows.CopyTo(probabilities);
            read = worker.Read(0);
            return worker.MaskCount;
        }
        finally
        {
            _pipeline.Return(worker);
        }
    }

    /// <inheritdoc/>
    public override void WarmUp(CancellationToken cancellationToken = default) => Fill(MaskToken, null, null, cancellationToken);

    private static string OutputOf(InferenceModel model, MaskFillerOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Top, 1, nameof(options.Top));
        if (model.Tokenizer.MaskTokenId < 0)
        {
            throw new UnsupportedModelException(
                $"{model.Source} has no mask token '{model.Tokenizer.Options.MaskToken}' in its vocabulary");
        }

        // A head from pretraining is the checkpoint's own; a named one has no other output than its logits.
        return options.Head is null && model.OutputNames.Contains(OutputNames.PredictionLogits)
            ? OutputNames.PredictionLogits : OutputNames.Logits;
    }

    private int[]? Ids(IReadOnlyList<string>? targets)
    {
        if (targets is null) return null;
        if (targets.Count == 0) throw new ArgumentException("no targets are given; null scores all of the vocabulary", nameof(targets));
        return [.. targets.Select(Id).Distinct().Order()];
    }

    private int Id(string target)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (Tokenizer.Vocabulary.TryGetId(target, out var id)) return id;
        var ids = new int[2];
        var count = Tokenizer.Encode(target, ids, out var isLonger, addSpecialTokens: false);
        if (count == 1 && !isLonger && ids[0] != Tokenizer.UnknownTokenId) return ids[0];
        throw new ArgumentException(
            count == 1 && !isLonger ? $"the vocabulary cannot spell the target '{target}'"
                : $"the target '{target}' is not one token of the vocabulary but {Tokenizer.Count(target)}", nameof(target));
    }
}
