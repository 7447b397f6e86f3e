using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Serving;

namespace SqueezeBert.Pipelines;

/// <summary>
/// An input of an asynchronous call. Whoever is first (the result, an error, the caller's cancellation) decides what the caller sees.
/// </summary>
internal sealed class PipelineItem<TInput, TResult> : WorkItem
{
    private readonly TaskCompletionSource<TResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WorkQueue _queue;
    private readonly Action _exit;
    private CancellationTokenRegistration _registration;
    private int _exited;
    private int _told;

    /// <param name="runner">The pipeline.</param>
    /// <param name="cost">Estimated tokens.</param>
    /// <param name="input">The input.</param>
    /// <param name="reading">How it is read.</param>
    /// <param name="queue">Where it will wait.</param>
    /// <param name="exit">Counts the call out, called once.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public PipelineItem(
        IBatchRunner runner, int cost, TInput input, in Reading reading, WorkQueue queue, Action exit, CancellationToken cancellationToken)
        : base(runner, cost)
    {
        Input = input;
        Reading = reading;
        _queue = queue;
        _exit = exit;
        CancellationToken = cancellationToken;
    }

    public TInput Input { get; }

    public Reading Reading { get; }

    public CancellationToken CancellationToken { get; }

    /// <summary>The call that it is, where it is one by itself.</summary>
    public ObservedCall Call { get; init; }

    public required PipelineTelemetry Telemetry { get; init; }

    public Task<TResult> Result => _result.Task;

    /// <summary>Whether nobody waits for it any more.</summary>
    public bool IsDone => _result.Task.IsCompleted;

    /// <summary>Joins the queue.</summary>
    /// <exception cref="QueueFullException">There is no room.</exception>
    public void Join(bool mayWait)
    {
        try
        {
            _queue.Add(this, mayWait);
        }
        catch
        {
            Exit();
            throw;
        }

        // Where the token is cancelled already, this calls back at once.
        _registration = CancellationToken.UnsafeRegister(
            static (item, token) => ((PipelineItem<TInput, TResult>)item!).Cancel(token), this);
        if (_result.Task.IsCompleted) _registration.Dispose();
    }

    public void Complete(TResult result)
    {
        Tell(Call, hasSucceeded: true);
        _result.TrySetResult(result);
        End();
    }

    public void Fail(Exception exception)
    {
        Tell(Call.Failed(exception), hasSucceeded: false);
        if (exception is OperationCanceledException && CancellationToken.IsCancellationRequested)
            _result.TrySetCanceled(CancellationToken);
        else
            _result.TrySetException(exception);
        End();
    }

    /// <summary>Ends an item that the caller has given up.</summary>
    public void End()
    {
        _registration.Unregister();
        Exit();
    }

    /// <summary>One that is computed now ends when the batch does, but its caller does not wait for that.</summary>
    private void Cancel(CancellationToken cancellationToken)
    {
        Tell(Call.Cancelled(), hasSucceeded: false);
        _result.TrySetCanceled(cancellationToken);
        if (_queue.Remove(this)) Exit();
    }

    /// <summary>Telemetry is told once, and before the caller has the result.</summary>
    private void Tell(in ObservedCall call, bool hasSucceeded)
    {
        if (call.IsSeen && Interlocked.Exchange(ref _told, 1) == 0) Telemetry.End(call, hasSucceeded);
    }

    private void Exit()
    {
        if (Interlocked.Exchange(ref _exited, 1) == 0) _exit();
    }
}
