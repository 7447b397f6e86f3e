using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.Filling;
using SqueezeBert.Tokenization;

namespace SqueezeBert;

/// <summary>
/// Says what may stand where a text has [MASK], with a masked language model. Thread-safe: concurrent callers share the weights, each has
/// its own session.
/// </summary>
public sealed class MaskFiller : IDisposable
{
    private readonly Pipeline<MaskFillingWorker, (string Text, int[]? Targets), MaskFilling> _pipeline;

    private MaskFiller(PipelineModel model, MaskFillerOptions options) =>
        _pipeline = new(model, model => new MaskFillingWorker(model, options));

    /// <summary>How the tokenizer writes a mask: "[MASK]".</summary>
    public string MaskToken => Tokenizer.Options.MaskToken;

    /// <summary>Tokens of a text, or of a window of it, at most, special tokens included.</summary>
    public int MaxLength => _pipeline.Model.MaxLength;

    /// <summary>The model's tokenizer.</summary>
    public BertTokenizer Tokenizer => _pipeline.Model.Tokenizer;

    /// <summary>The model's configuration.</summary>
    public ModelConfiguration Configuration => _pipeline.Model.Configuration;

    /// <summary>Loads a model folder: config.json, weights, vocabulary. A checkpoint from pretraining has the head too.</summary>
    /// <param name="path">A folder on disk; nothing is ever downloaded.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// No such folder (the message names the nearest that exist), a file is missing or damaged, or the files do not fit each other.
    /// </exception>
    /// <exception cref="NotSupportedException">The model is no masked language model, its vocabulary has no mask, or it is of an
    /// unsupported architecture.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static MaskFiller Load(string path, MaskFillerOptions? options = null)
    {
        options ??= new MaskFillerOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Top, 1, nameof(options.Top));
        var model = PipelineModel.Load(path, ModelHead.MaskedLanguageModel, options);
        if (model.Tokenizer.MaskTokenId >= 0) return new MaskFiller(model, options);
        model.Dispose();
        throw new NotSupportedException($"{path} has no mask token '{model.Tokenizer.Options.MaskToken}' in its vocabulary");
    }

    /// <summary>Fills the masks of a text.</summary>
    /// <param name="text">A text with <see cref="MaskToken"/> in it, once or more often; without, the result has no masks.</param>
    /// <param name="targets">Score these words only, each a single token of the vocabulary; null for the best of all.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <exception cref="ArgumentException">A target is not a single token; the message names it.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public MaskFilling Fill(string text, IReadOnlyList<string>? targets = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.Run((text, Ids(targets)), cancellationToken);
    }

    /// <summary>Fills texts together, which is faster than one by one. Each result has the same bits as alone.</summary>
    /// <returns>As many results, in the order of the texts.</returns>
    /// <inheritdoc cref="Fill(string, IReadOnlyList{string}, CancellationToken)"/>
    public IReadOnlyList<MaskFilling> Fill(IReadOnlyList<string> texts, IReadOnlyList<string>? targets = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var ids = Ids(targets);
        return _pipeline.RunAll(texts.Select(text => (text, ids)), cancellationToken);
    }

    /// <summary>Fills a sequence of any length in batches; results come in order while the rest is still to be read.</summary>
    /// <inheritdoc cref="Fill(string, IReadOnlyList{string}, CancellationToken)"/>
    public IEnumerable<MaskFilling> FillStream(IEnumerable<string> texts, IReadOnlyList<string>? targets = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var ids = Ids(targets);
        return _pipeline.Stream(texts.Select(text => (text, ids)), cancellationToken);
    }

    /// <summary>As <see cref="FillStream"/> for a source that is awaited; the work runs on the caller's thread between two texts.</summary>
    /// <inheritdoc cref="Fill(string, IReadOnlyList{string}, CancellationToken)"/>
    public IAsyncEnumerable<MaskFilling> FillStreamAsync(
        IAsyncEnumerable<string> texts, IReadOnlyList<string>? targets = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var ids = Ids(targets);
        return _pipeline.StreamAsync(texts.Select(text => (text, ids)), cancellationToken);
    }

    /// <summary>The inner path: the probability of every id of the vocabulary at every mask; allocates nothing once warm.</summary>
    /// <param name="text">A text with masks.</param>
    /// <param name="probabilities">[masks, vocabulary size of <see cref="Configuration"/>], row-major; 0 for ids that the tokenizer does
    /// not have.</param>
    /// <param name="isTruncated">Whether the end of the text was cut off, with any mask in it.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <returns>The number of masks.</returns>
    /// <exception cref="ArgumentException">The span is too short for the masks.</exception>
    public int Fill(ReadOnlySpan<char> text, Span<float> probabilities, out bool isTruncated, CancellationToken cancellationToken = default)
    {
        var worker = _pipeline.Rent();
        try
        {
            worker.KeepsRows = true;
            worker.Add(text, null, [], cancellationToken);
            worker.Finish(cancellationToken);
            var rows = worker.Probabilities;
            if (rows.Length > probabilities.Length)
                throw new ArgumentException($"{worker.MaskCount} masks need {rows.Length} elements, not {probabilities.Length}",
                    nameof(probabilities));
            rows.CopyTo(probabilities);
            isTruncated = worker.IsTruncated(0);
            return worker.MaskCount;
        }
        finally
        {
            _pipeline.Return(worker);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _pipeline.Dispose();

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
