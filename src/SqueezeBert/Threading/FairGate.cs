namespace SqueezeBert.Threading;

/// <summary>
/// Lets a number of callers through at a time, the others in the order in which they came. Thread-safe; allocates only for who has to wait.
/// </summary>
internal sealed class FairGate
{
    private readonly LinkedList<Waiter> _waiting = [];
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
            place!.Value.Source!.Task.Wait(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            GiveUp(place!);
            throw;
        }
    }

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

    /// <summary>Stands in line without waiting: when its turn comes, who stands there has a place and is told.</summary>
    /// <param name="granted">Told, perhaps at once; must return at once.</param>
    /// <returns>What stands in line; null where it has a place already.</returns>
    public Waiter? StandInLine(Action granted)
    {
        Waiter waiter;
        lock (_waiting)
        {
            if (_free == 0)
            {
                waiter = new Waiter(null, granted);
                waiter.Place = _waiting.AddLast(waiter);
                return waiter;
            }

            _free--;
        }

        granted();
        return null;
    }

    /// <summary>Takes out of the line; does nothing where the turn has come.</summary>
    public void Withdraw(Waiter waiter)
    {
        lock (_waiting)
        {
            if (waiter.Place?.List is not null) _waiting.Remove(waiter.Place);
        }
    }

    /// <summary>Gives the place to whoever has waited longest.</summary>
    public void Leave()
    {
        Waiter? next;
        lock (_waiting)
        {
            next = _waiting.First?.Value;
            if (next is null) _free++;
            else _waiting.RemoveFirst();
        }

        if (next?.Source is { } source) source.SetResult();
        else next?.Granted!();
    }

    private bool TryEnter(CancellationToken cancellationToken, out LinkedListNode<Waiter>? place)
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

            place = _waiting.AddLast(new Waiter(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), null));
            return false;
        }
    }

    /// <summary>Who was let through in the moment of giving up hands the place on.</summary>
    private void GiveUp(LinkedListNode<Waiter> place)
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

    /// <summary>Who stands in line: a caller that waits, or one that is told.</summary>
    internal sealed class Waiter(TaskCompletionSource? source, Action? granted)
    {
        public TaskCompletionSource? Source => source;

        public Action? Granted => granted;

        public LinkedListNode<Waiter>? Place { get; set; }
    }
}
