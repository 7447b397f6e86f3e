using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.Features;
using SqueezeBert.Tokenization;

namespace SqueezeBert;

/// <summary>
/// Gives the hidden states of an encoder, a vector a token, for a classifier or an analysis of one's own. Thread-safe: concurrent callers
/// share the weights, each has its own session.
/// </summary>
public sealed class FeatureExtractor : IDisposable
{
    private readonly Pipeline<FeatureWorker, string, TextFeatures> _pipeline;

    private FeatureExtractor(PipelineModel model, string output, LongText longText) =>
        _pipeline = new(model, model => new FeatureWorker(model, output, longText));

    /// <summary>Channels of a token.</summary>
    public int Width => Configuration.HiddenSize;

    /// <summary>Tokens of a text, or of a window of it, at most, special tokens included.</summary>
    public int MaxLength => _pipeline.Model.MaxLength;

    /// <summary>The model's tokenizer.</summary>
    public BertTokenizer Tokenizer => _pipeline.Model.Tokenizer;

    /// <summary>The model's configuration.</summary>
    public ModelConfiguration Configuration => _pipeline.Model.Configuration;

    /// <summary>Loads a model folder: config.json, weights, vocabulary. A head is not used.</summary>
    /// <param name="path">A folder on disk; nothing is ever downloaded.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// No such folder (the message names the nearest that exist), a file is missing or damaged, or the files do not fit each other.
    /// </exception>
    /// <exception cref="NotSupportedException">The model is of an unsupported architecture.</exception>
    /// <exception cref="ArgumentException">An option is out of range, such as a layer that the model does not have.</exception>
    public static FeatureExtractor Load(string path, FeatureExtractorOptions? options = null)
    {
        options ??= new FeatureExtractorOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(options.Layer ?? 0, nameof(options.Layer));
        var model = PipelineModel.Load(path, ModelHead.None, options);
        var layers = model.Configuration.LayerCount;
        if (options.Layer is null || options.Layer <= layers)
            return new FeatureExtractor(model, options.Layer is { } layer ? OutputNames.HiddenState(layer) : OutputNames.LastHiddenState,
                options.LongText);
        model.Dispose();
        throw new ArgumentOutOfRangeException(nameof(options.Layer), options.Layer,
            $"The model has {layers} layers; 0 stands for the embeddings.");
    }

    /// <summary>Gives the hidden states of a text.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public TextFeatures Extract(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.Run(text, cancellationToken);
    }

    /// <summary>Reads texts together, which is faster than one by one. Each result has the same bits as alone.</summary>
    /// <returns>As many results, in the order of the texts.</returns>
    public IReadOnlyList<TextFeatures> Extract(IReadOnlyList<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.RunAll(texts, cancellationToken);
    }

    /// <summary>Reads a sequence of any length in batches; results come in order while the rest is still to be read.</summary>
    public IEnumerable<TextFeatures> ExtractStream(IEnumerable<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.Stream(texts, cancellationToken);
    }

    /// <summary>
    /// As <see cref="ExtractStream"/> for a source that is awaited; the work runs on the caller's thread between two texts.
    /// </summary>
    public IAsyncEnumerable<TextFeatures> ExtractStreamAsync(IAsyncEnumerable<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return _pipeline.StreamAsync(texts, cancellationToken);
    }

    /// <summary>The inner path: hidden states into a span; allocates nothing once warm.</summary>
    /// <param name="text">The text.</param>
    /// <param name="features">Receives [tokens, <see cref="Width"/>], row-major, [CLS] first and [SEP] last: of a truncated text at most
    /// <see cref="MaxLength"/> rows.</param>
    /// <param name="isTruncated">Whether the end of the text was cut off.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <returns>The number of tokens.</returns>
    /// <exception cref="ArgumentException">The span is too short.</exception>
    public int Extract(ReadOnlySpan<char> text, Span<float> features, out bool isTruncated, CancellationToken cancellationToken = default)
    {
        var worker = _pipeline.Rent();
        try
        {
            worker.Add(text, cancellationToken);
            worker.Finish(cancellationToken);
            var values = worker.Values(0);
            if (features.Length < values.Length)
                throw new ArgumentException($"the text needs {values.Length} elements, not {features.Length}", nameof(features));
            values.CopyTo(features);
            isTruncated = worker.IsTruncated(0);
            return values.Length / Width;
        }
        finally
        {
            _pipeline.Return(worker);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _pipeline.Dispose();
}
