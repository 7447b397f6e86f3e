namespace SqueezeBert.Threading;

/// <summary>
/// Lets a number of callers through at a time, the others in the order in which they came. Thread-safe; allocates only for who has to wait.
/// </summary>
internal sealed class FairGate
{
    private readonly LinkedList<TaskCompletionSource> _waiting = [];
    private int _free;

    public FairGate(int places)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(places, 1);
        Places = places;
        _free = places;
    }

    /// <summary>Callers that are let through at a time.</summary>
    public int Places { get; }

    /// <summary>Callers that are through now.</summary>
    public int Active
    {
        get
        {
            lock (_waiting) return Places - _free;
        }
    }

    /// <summary>Takes a place, waiting on this thread for it; <see cref="Leave"/> gives it back.</summary>
    /// <exception cref="OperationCanceledException">Cancelled while it waited; it has no place.</exception>
    public void Enter(CancellationToken cancellationToken)
    {
        if (TryEnter(cancellationToken, out var place)) return;
        try
        {
            place!.Value.Task.Wait(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            GiveUp(place!);
            throw;
        }
    }

    /// <summary>As <see cref="Enter"/> without holding a thread.</summary>
    public ValueTask EnterAsync(CancellationToken cancellationToken) =>
        TryEnter(cancellationToken, out var place) ? ValueTask.CompletedTask : WaitAsync(place!, cancellationToken);

    /// <summary>Takes a place where there is one now and nobody waits for it.</summary>
    public bool TryEnter()
    {
        lock (_waiting)
        {
            if (_free == 0) return false;
            _free--;
            return true;
        }
    }

    /// <summary>Gives the place to whoever has waited longest.</summary>
    public void Leave()
    {
        TaskCompletionSource? next;
        lock (_waiting)
        {
            next = _waiting.First?.Value;
            if (next is null) _free++;
            else _waiting.RemoveFirst();
        }

        next?.SetResult();
    }

    private bool TryEnter(CancellationToken cancellationToken, out LinkedListNode<TaskCompletionSource>? place)
    {
        cancellationToken.ThrowIfCancellationRequested();
        place = null;
        lock (_waiting)
        {
            if (_free > 0)
            {
                _free--;
                return true;
            }

            place = _waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            return false;
        }
    }

    private async ValueTask WaitAsync(LinkedListNode<TaskCompletionSource> place, CancellationToken cancellationToken)
    {
        try
        {
            await place.Value.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            GiveUp(place);
            throw;
        }
    }

    /// <summary>Who was let through in the moment of giving up hands the place on.</summary>
    private void GiveUp(LinkedListNode<TaskCompletionSource> place)
    {
        lock (_waiting)
        {
            if (place.List is not null)
            {
                _waiting.Remove(place);
                return;
            }
        }

        Leave();
    }
}
