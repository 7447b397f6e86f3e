using SqueezeBert.Extensions.Models;

namespace SqueezeBert.Extensions;

/// <summary>
/// A pipeline that stays usable until this is disposed, whatever is reloaded meanwhile. Hold it for the calls of one request or one
/// stream, not longer: its model stays in memory that long.
/// </summary>
/// <typeparam name="TPipeline">A pipeline such as <see cref="TextClassifier"/>.</typeparam>
public sealed class PipelineLease<TPipeline> : IDisposable
    where TPipeline : TextPipeline
{
    private LoadedModel? _model;

    internal PipelineLease(LoadedModel model, TPipeline pipeline) =>
        (_model, Pipeline, Fingerprint, Options) = (model, pipeline, model.Fingerprint, model.Options);

    /// <summary>The pipeline; it is shared, and not to be disposed.</summary>
    public TPipeline Pipeline { get; }

    /// <summary>Of the pipeline's model, as <see cref="InferenceModel.Fingerprint"/>.</summary>
    public string Fingerprint { get; }

    /// <summary>With which the pipeline's model was loaded.</summary>
    internal SqueezeBertOptions Options { get; }

    /// <summary>Lets the pipeline go. Later calls do nothing.</summary>
    public void Dispose() => Interlocked.Exchange(ref _model, null)?.Exit();
}
