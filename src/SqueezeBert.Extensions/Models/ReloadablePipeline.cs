using SqueezeBert.Extensions.Models;

namespace SqueezeBert.Extensions;

/// <summary>
/// A pipeline that follows the reloads of its model. Each call uses the model that is current when it begins, and completes with it.
/// Thread-safe and a singleton. In contrast, a pipeline that is injected directly always keeps its original model, as with IOptions and
/// IOptionsMonitor.
/// </summary>
/// <typeparam name="TPipeline">The type of the pipeline, such as <see cref="TextClassifier"/>.</typeparam>
public sealed class ReloadablePipeline<TPipeline>
    where TPipeline : TextPipeline
{
    private readonly HostedModel _model;

    internal ReloadablePipeline(HostedModel model) => _model = model;

    /// <summary>
    /// The current pipeline. After a reload it refuses calls with an <see cref="ObjectDisposedException"/>, so read this property for each
    /// call. <see cref="Rent"/> and <see cref="RunAsync"/> do not have this problem.
    /// </summary>
    /// <exception cref="SqueezeBertException">The model cannot be loaded, or it does not fit this pipeline.</exception>
    public TPipeline Current
    {
        get
        {
            using var lease = Rent();
            return lease.Pipeline;
        }
    }

    /// <summary>Returns the pipeline for several calls that must use the same model, or for a stream.</summary>
    /// <returns>A lease, to be disposed after the calls.</returns>
    /// <exception cref="SqueezeBertException">The model cannot be loaded, or it does not fit this pipeline.</exception>
    /// <exception cref="ObjectDisposedException">The host has stopped.</exception>
    public PipelineLease<TPipeline> Rent() => _model.Rent<TPipeline>();

    /// <summary>Runs calls on the current pipeline, on the caller's thread.</summary>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    /// <param name="call">Uses the pipeline. It must not keep it.</param>
    /// <returns>The result of <paramref name="call"/>.</returns>
    /// <inheritdoc cref="Rent"/>
    public TResult Run<TResult>(Func<TPipeline, TResult> call)
    {
        ArgumentNullException.ThrowIfNull(call);
        using var lease = Rent();
        return call(lease.Pipeline);
    }

    /// <summary>
    /// Runs asynchronous calls on the current pipeline: <c>pipeline.RunAsync(classifier => classifier.ClassifyAsync(text))</c>.
    /// </summary>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    /// <param name="call">Uses the pipeline. It must not keep it.</param>
    /// <returns>The result of <paramref name="call"/>.</returns>
    /// <exception cref="QueueFullException">
    /// The queue is full, and <see cref="ModelOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>. This is logged.
    /// </exception>
    /// <inheritdoc cref="Rent"/>
    public async Task<TResult> RunAsync<TResult>(Func<TPipeline, Task<TResult>> call)
    {
        ArgumentNullException.ThrowIfNull(call);
        using var lease = Rent();
        try
        {
            return await call(lease.Pipeline).ConfigureAwait(false);
        }
        catch (QueueFullException)
        {
            _model.Logger.CallRefused(_model.DisplayName, lease.Pipeline.Model.QueueLength);
            throw;
        }
    }
}
