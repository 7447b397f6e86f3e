namespace SqueezeBert.Threading;

/// <summary>
/// Admits a limited number of callers at the same time. Other callers wait in the order of their arrival. Thread-safe. It allocates only
/// for callers that have to wait.
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

    /// <summary>The number of callers that are admitted at the same time.</summary>
    public int Places { get; }

    /// <summary>The number of callers that are currently admitted.</summary>
    public int Active
    {
        get
        {
            lock (_waiting) return Places - _free;
        }
    }

    /// <summary>Takes a place, and blocks this thread until there is one. <see cref="Leave"/> returns the place.</summary>
    /// <exception cref="OperationCanceledException">The call was cancelled while it waited. It has no place.</exception>
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

    /// <summary>Takes a place if one is free and no other caller is waiting.</summary>
    public bool TryEnter()
    {
        lock (_waiting)
        {
            if (_free == 0) return false;
            _free--;
            return true;
        }
    }

    /// <summary>Joins the line without blocking. When the turn comes, the callback is called and has a place.</summary>
    /// <param name="granted">The callback, which may be called immediately and must return quickly.</param>
    /// <returns>The waiter in the line, or null if it already has a place.</returns>
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

    /// <summary>Leaves the line. It does nothing if the turn has come.</summary>
    public void Withdraw(Waiter waiter)
    {
        lock (_waiting)
        {
            if (waiter.Place?.List is not null) _waiting.Remove(waiter.Place);
        }
    }

    /// <summary>Gives the place to the caller that has waited longest.</summary>
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

    /// <summary>Gives up waiting. If the caller was admitted at the same moment, its place is passed on.</summary>
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

    /// <summary>A waiter in the line: a blocked caller or a callback.</summary>
    internal sealed class Waiter(TaskCompletionSource? source, Action? granted)
    {
        public TaskCompletionSource? Source => source;

        public Action? Granted => granted;

        public LinkedListNode<Waiter>? Place { get; set; }
    }
}
