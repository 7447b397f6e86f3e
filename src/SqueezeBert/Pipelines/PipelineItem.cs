using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Serving;

namespace SqueezeBert.Pipelines;

/// <summary>
/// An input of an asynchronous call. The first event (the result, an error or the caller's cancellation) determines the outcome for the
/// caller.
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
    /// <param name="cost">The estimated number of tokens.</param>
    /// <param name="input">The input.</param>
    /// <param name="reading">How much of the input is read.</param>
    /// <param name="queue">The queue in which the input waits.</param>
    /// <param name="exit">Ends the call. It is called once.</param>
    /// <param name="cancellationToken">The cancellation token of the caller.</param>
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

    /// <summary>The call, if this item is a call of its own.</summary>
    public ObservedCall Call { get; init; }

    public required PipelineTelemetry Telemetry { get; init; }

    public Task<TResult> Result => _result.Task;

    /// <summary>Whether the caller no longer waits for the item.</summary>
    public bool IsDone => _result.Task.IsCompleted;

    /// <summary>Adds the item to the queue.</summary>
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

    /// <summary>Ends an item that the caller has cancelled.</summary>
    public void End()
    {
        _registration.Unregister();
        Exit();
    }

    /// <summary>Cancels the item. If it is being computed, it ends with its batch, but the caller does not wait for that.</summary>
    private void Cancel(CancellationToken cancellationToken)
    {
        Tell(Call.Cancelled(), hasSucceeded: false);
        _result.TrySetCanceled(cancellationToken);
        if (_queue.Remove(this)) Exit();
    }

    /// <summary>Reports to telemetry, once and before the caller gets the result.</summary>
    private void Tell(in ObservedCall call, bool hasSucceeded)
    {
        if (call.IsSeen && Interlocked.Exchange(ref _told, 1) == 0) Telemetry.End(call, hasSucceeded);
    }

    private void Exit()
    {
        if (Interlocked.Exchange(ref _exited, 1) == 0) _exit();
    }
}
