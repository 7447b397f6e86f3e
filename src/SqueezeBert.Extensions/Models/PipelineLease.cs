using SqueezeBert.Extensions.Models;

namespace SqueezeBert.Extensions;

/// <summary>
/// A pipeline that remains usable until the lease is disposed, even if the model is reloaded. Hold it only for the calls of one request or
/// one stream, because its model stays in memory that long.
/// </summary>
/// <typeparam name="TPipeline">The type of the pipeline, such as <see cref="TextClassifier"/>.</typeparam>
public sealed class PipelineLease<TPipeline> : IDisposable
    where TPipeline : TextPipeline
{
    private LoadedModel? _model;

    internal PipelineLease(LoadedModel model, TPipeline pipeline) =>
        (_model, Pipeline, Fingerprint, Options) = (model, pipeline, model.Fingerprint, model.Options);

    /// <summary>The pipeline. It is shared, so do not dispose it.</summary>
    public TPipeline Pipeline { get; }

    /// <summary>The fingerprint of the pipeline's model, like <see cref="InferenceModel.Fingerprint"/>.</summary>
    public string Fingerprint { get; }

    /// <summary>With which the pipeline's model was loaded.</summary>
    internal SqueezeBertOptions Options { get; }

    /// <summary>Releases the pipeline. Further calls do nothing.</summary>
    public void Dispose() => Interlocked.Exchange(ref _model, null)?.Exit();
}
