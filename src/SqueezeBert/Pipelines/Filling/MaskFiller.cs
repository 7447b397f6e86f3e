using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.Filling;

namespace SqueezeBert;

/// <summary>
/// Says what may stand where a text has [MASK], with a masked language model. Thread-safe: any number of callers share the weights.
/// </summary>
public sealed class MaskFiller : TextPipeline
{
    private readonly Pipeline<MaskFillingWorker, FillingInput, MaskFilling> _pipeline;

    /// <summary>Makes one of a model that others may use too, and that is not disposed with it.</summary>
    /// <param name="model">A masked language model; a checkpoint from pretraining has the head too.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="UnsupportedModelException">The model is of another kind.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
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

    /// <summary>How the tokenizer writes a mask: "[MASK]".</summary>
    public string MaskToken => Tokenizer.Options.MaskToken;

    /// <summary>
    /// Loads a model of the pipeline's own: config.json, weights, vocabulary. A checkpoint from pretraining has the head too.
    /// </summary>
    /// <param name="source">A folder or file on disk; nothing is ever downloaded.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="model">How the model computes; null for the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// No such folder (the message names the nearest that exist), a file is missing or damaged, or the files do not fit each other.
    /// </exception>
    /// <exception cref="UnsupportedModelException">The model is no masked language model, its vocabulary has no mask, or it is of an
    /// unsupported architecture.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static MaskFiller Load(ModelSource source, MaskFillerOptions? options = null, ModelOptions? model = null) =>
        PipelineModel.Load(
            source, model, ModelHead.MaskedLanguageModel, options,
            model => new MaskFiller(model, options ?? new MaskFillerOptions(), ownsModel: true));

    /// <summary>Fills the masks of a text on the caller's thread.</summary>
    /// <param name="text">A text with <see cref="MaskToken"/> in it, once or more often; without, the result has no masks.</param>
    /// <param name="targets">Score these words only, each a single token of the vocabulary; null for the best of all.</param>
    /// <param name="reading">How much is read; null: as the options say.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <exception cref="ArgumentException">A text is null (of several, the message has its index), or longer than is read where that is an
    /// error, or a target is not a single token; the message names it.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline or its model is disposed.</exception>
    public MaskFilling Fill(
        string text, IReadOnlyList<string>? targets = null, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.Run(new FillingInput(text, Ids(targets)), reading, cancellationToken);
    }

    /// <summary>Fills the masks of texts together, which is faster than one by one. Each result has the same bits as alone.</summary>
    /// <returns>As many results, in the order of the texts.</returns>
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
    /// As <see cref="Fill(string, IReadOnlyList{string}, ReadingOptions, CancellationToken)"/> in the model's queue, where the calls of all
    /// its pipelines meet and are computed together. Nothing waits while the model is idle. Cancelling ends this call only; a token with a
    /// timeout is a deadline.
    /// </summary>
    /// <exception cref="QueueFullException">The queue is full, and the model's options say that calls do not wait for room.</exception>
    /// <inheritdoc cref="Fill(string, IReadOnlyList{string}, ReadingOptions, CancellationToken)"/>
    public Task<MaskFilling> FillAsync(
        string text, IReadOnlyList<string>? targets = null, ReadingOptions? reading = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.RunAsync(new FillingInput(text, Ids(targets)), reading, cancellationToken);
    }

    /// <summary>Fills the masks of texts in the model's queue; they may be computed in several batches.</summary>
    /// <exception cref="QueueFullException">The queue is full, and the model's options say that calls do not wait for room.</exception>
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
    /// Fills the masks of a sequence of any length in batches; results come in order while the rest is still to be read. Whether the next
    /// one is there cannot be seen, so a batch is always filled: a source that pauses is better read by <see cref="FillStreamAsync"/>.
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
    /// As <see cref="FillStream"/> for a source that is awaited: whenever it has nothing ready, what is there is computed and given. The
    /// work runs on the reader's thread.
    /// </summary>
    /// <param name="texts">The texts.</param>
    /// <param name="targets">Score these words only, each a single token of the vocabulary; null for the best of all.</param>
    /// <param name="reading">How much of each is read; null: as the options say.</param>
    /// <param name="maxLatency">How long one may wait for others of its batch where the source never pauses; null: until the batch is
    /// full.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    public IAsyncEnumerable<MaskFilling> FillStreamAsync(
        IAsyncEnumerable<string> texts, IReadOnlyList<string>? targets = null, ReadingOptions? reading = null, TimeSpan? maxLatency = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var ids = Ids(targets);
        return _pipeline.StreamAsync(texts.Select(text => new FillingInput(text, ids)), reading, maxLatency, nameof(texts),
            cancellationToken);
    }

    /// <summary>The inner path: the probability of every id of the vocabulary at every mask; allocates nothing once warm.</summary>
    /// <param name="text">A text with masks.</param>
    /// <param name="probabilities">[masks, vocabulary size of <see cref="TextPipeline.Configuration"/>], row-major; 0 for ids that the
    /// tokenizer does not have.</param>
    /// <param name="read">What was read of the text.</param>
    /// <param name="reading">How much is read; null: as the options say.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <returns>The number of masks.</returns>
    /// <exception cref="ArgumentException">The span is too short for the masks, or the text longer than is read where that is an
    /// error.</exception>
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
