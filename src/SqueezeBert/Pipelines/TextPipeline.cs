using SqueezeBert.Checkpoints;
using SqueezeBert.Pipelines;
using SqueezeBert.Tokenization;

namespace SqueezeBert;

/// <summary>
/// What all pipelines have in common. Thread-safe. Disposing one lets its calls end, refuses new ones, and disposes the model if the
/// pipeline has loaded it.
/// </summary>
public abstract class TextPipeline : IDisposable, IAsyncDisposable
{
    private readonly PipelineModel _model;

    private protected TextPipeline(PipelineModel model) => _model = model;

    private protected PipelineModel Loaded => _model;

    /// <summary>The model; the pipeline's own, or one that it shares with others.</summary>
    public InferenceModel Model => _model.Model;

    /// <summary>
    /// The model's configuration. Where a named head is asked (<see cref="PipelineOptions.Head"/>), labels and problem type are that
    /// head's.
    /// </summary>
    public ModelConfiguration Configuration => _model.Configuration;

    /// <summary>The model's tokenizer.</summary>
    public BertTokenizer Tokenizer => _model.Tokenizer;

    /// <summary>Tokens of an input, or of a window of it, at most, special tokens included, where a call does not say otherwise.</summary>
    public int MaxLength => _model.Reading.MaxLength;

    /// <summary>How much of a text is read where a call does not say; every value is set.</summary>
    public ReadingOptions Reading => new()
    {
        MaxLength = _model.Reading.MaxLength,
        MaxCharacters = _model.Reading.MaxCharacters,
        LongText = _model.Reading.LongText,
    };

    /// <summary>Runs a text of a few words, so that the first call finds code and memory ready.</summary>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    public abstract void WarmUp(CancellationToken cancellationToken = default);

    /// <summary>Refuses new calls. Those that run end as usual; memory is freed after the last of them.</summary>
    public void Dispose() => _model.Dispose();

    /// <summary>As <see cref="Dispose"/>, and waits for the calls that run.</summary>
    public ValueTask DisposeAsync() => _model.DisposeAsync();
}
