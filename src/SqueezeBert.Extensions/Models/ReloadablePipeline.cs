using SqueezeBert.Extensions.Models;

namespace SqueezeBert.Extensions;

/// <summary>
/// A pipeline that follows the reloads of its model: each call meets the model of its moment, and ends with it. Thread-safe, and a
/// singleton. (A pipeline that is injected by itself stays with the model that it was made of, as IOptions stays beside IOptionsMonitor.)
/// </summary>
/// <typeparam name="TPipeline">A pipeline such as <see cref="TextClassifier"/>.</typeparam>
public sealed class ReloadablePipeline<TPipeline>
    where TPipeline : TextPipeline
{
    private readonly HostedModel _model;

    internal ReloadablePipeline(HostedModel model) => _model = model;

    /// <summary>
    /// The pipeline of now. After a reload it refuses calls with <see cref="ObjectDisposedException"/>, so ask for it again at each call;
    /// <see cref="Rent"/> and <see cref="RunAsync"/> never meet that.
    /// </summary>
    /// <exception cref="SqueezeBertException">The model cannot be loaded, or is none for this pipeline.</exception>
    public TPipeline Current
    {
        get
        {
            using var lease = Rent();
            return lease.Pipeline;
        }
    }

    /// <summary>The pipeline for several calls that shall meet the same model, or for a stream.</summary>
    /// <exception cref="SqueezeBertException">The model cannot be loaded, or is none for this pipeline.</exception>
    /// <exception cref="ObjectDisposedException">The host has stopped.</exception>
    public PipelineLease<TPipeline> Rent() => _model.Rent<TPipeline>();

    /// <summary>Runs calls on the caller's thread.</summary>
    /// <param name="call">What to do with the pipeline, which it must not keep.</param>
    /// <inheritdoc cref="Rent"/>
    public TResult Run<TResult>(Func<TPipeline, TResult> call)
    {
        ArgumentNullException.ThrowIfNull(call);
        using var lease = Rent();
        return call(lease.Pipeline);
    }

    /// <summary>Runs asynchronous calls: <c>pipeline.RunAsync(classifier => classifier.ClassifyAsync(text))</c>.</summary>
    /// <param name="call">What to do with the pipeline, which it must not keep.</param>
    /// <exception cref="QueueFullException">The queue is full, and the model's options say that calls do not wait for room; this is
    /// logged.</exception>
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
