using SqueezeBert.Checkpoints;
using SqueezeBert.Pipelines;
using SqueezeBert.Tokenization;

namespace SqueezeBert;

/// <summary>
/// The base class of all pipelines. Thread-safe. Disposing a pipeline refuses new calls and lets running calls complete. It also disposes
/// the model if the pipeline has loaded it.
/// </summary>
public abstract class TextPipeline : IDisposable, IAsyncDisposable
{
    private readonly PipelineModel _model;

    private protected TextPipeline(PipelineModel model) => _model = model;

    private protected PipelineModel Loaded => _model;

    /// <summary>The model. It belongs to the pipeline or is shared with other pipelines.</summary>
    public InferenceModel Model => _model.Model;

    /// <summary>
    /// The configuration of the model. If a named head is used (<see cref="PipelineOptions.Head"/>), the labels and the problem type are
    /// those of that head.
    /// </summary>
    public ModelConfiguration Configuration => _model.Configuration;

    /// <summary>The model's tokenizer.</summary>
    public BertTokenizer Tokenizer => _model.Tokenizer;

    /// <summary>
    /// The largest number of tokens of an input, or of each window of it, including special tokens. It applies unless a call says
    /// otherwise.
    /// </summary>
    public int MaxLength => _model.Reading.MaxLength;

    /// <summary>How much of a text is read unless a call says otherwise. No member is null.</summary>
    public ReadingOptions Reading => new()
    {
        MaxLength = _model.Reading.MaxLength,
        MaxCharacters = _model.Reading.MaxCharacters,
        LongText = _model.Reading.LongText,
    };

    /// <summary>Runs a short text, so that code is compiled and memory is allocated before the first real call.</summary>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    public abstract void WarmUp(CancellationToken cancellationToken = default);

    /// <summary>Refuses new calls. Running calls complete normally, and memory is freed after the last of them.</summary>
    public void Dispose() => _model.Dispose();

    /// <summary>Like <see cref="Dispose"/>, and waits for the running calls.</summary>
    public ValueTask DisposeAsync() => _model.DisposeAsync();
}
