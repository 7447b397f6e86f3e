using SqueezeBert.Threading;

namespace SqueezeBert.Serving;

/// <summary>
/// The asynchronous calls of all pipelines of a model. Each stands in the same line for a turn as the callers that wait on their threads,
/// so that neither overtake the others; one whose turn comes takes others of its pipeline along, as far as <see cref="BatchShare"/> allows.
/// Nothing waits for a batch to fill. Thread-safe.
/// </summary>
internal sealed class WorkQueue
{
    private readonly FairGate _turns;
    private readonly int _capacity;
    private readonly QueueFullMode _mode;
    private readonly Dispatcher _dispatcher;
    private readonly object _lock = new();
    private readonly Dictionary<IBatchRunner, LinkedList<WorkItem>> _waiting = [];
    private readonly LinkedList<WorkItem> _outside = [];
    private long _tokens;
    private long _number;
    private int _count;

    /// <param name="turns">Who may compute now.</param>
    /// <param name="capacity">Tokens that may wait.</param>
    /// <param name="mode">What an item meets when there is no room.</param>
    public WorkQueue(FairGate turns, int capacity, QueueFullMode mode)
    {
        _turns = turns;
        _capacity = capacity;
        _mode = mode;
        _dispatcher = new Dispatcher(turns.Places, Serve);
    }

    /// <summary>Items that wait, those without room included.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Puts an item at the end.</summary>
    /// <param name="item">New.</param>
    /// <param name="mayWait">Whether it may wait for room whatever the mode: the first item of its call has found some.</param>
    /// <exception cref="QueueFullException">There is no room.</exception>
    public void Add(WorkItem item, bool mayWait)
    {
        lock (_lock)
        {
            if (HasRoom(item) && _outside.Count == 0) Admit(item);
            else if (_mode == QueueFullMode.Reject && !mayWait) throw new QueueFullException(_capacity);
            else item.Place = _outside.AddLast(item);
            _count++;
        }
    }

    /// <summary>Takes an item out; false where it is no longer there.</summary>
    public bool Remove(WorkItem item)
    {
        lock (_lock)
        {
            if (item.Place is not { } place) return false;
            if (place.List == _outside) _outside.Remove(place);
            else Leave(item);
            item.Place = null;
            _count--;
            return true;
        }
    }

    /// <summary>Takes the next item of a runner; null where there is none, or where it costs more than there is room for.</summary>
    /// <param name="runner">Whose.</param>
    /// <param name="room">Estimated tokens.</param>
    public WorkItem? TakeNext(IBatchRunner runner, int room)
    {
        lock (_lock)
        {
            return _waiting.TryGetValue(runner, out var items) && items.First!.Value.Cost <= room ? Take(items.First.Value) : null;
        }
    }

    /// <summary>A turn has come: whoever came first uses it, and nobody where it was for an item that is gone.</summary>
    private void Serve()
    {
        try
        {
            if (TakeFirst(out var share) is { } item) item.Runner.Run(item, new BatchRest(this, item, share));
        }
        finally
        {
            _turns.Leave();
        }
    }

    /// <summary>Takes the item that came first; null where there is none.</summary>
    /// <param name="share">Tokens that its batch may have.</param>
    private WorkItem? TakeFirst(out int share)
    {
        lock (_lock)
        {
            share = BatchShare.Of(_tokens, _turns.Places);
            WorkItem? first = null;
            foreach (var items in _waiting.Values)
            {
                if (first is null || items.First!.Value.Number < first.Number) first = items.First!.Value;
            }

            return first is null ? null : Take(first);
        }
    }

    private WorkItem Take(WorkItem item)
    {
        Leave(item);
        item.Place = null;
        _count--;
        return item;
    }

    private bool HasRoom(WorkItem item) => _tokens == 0 || _tokens + item.Cost <= _capacity;

    private void Admit(WorkItem item)
    {
        item.Number = _number++;
        if (!_waiting.TryGetValue(item.Runner, out var items)) _waiting.Add(item.Runner, items = []);
        item.Place = items.AddLast(item);
        _tokens += item.Cost;
        item.Ticket = _turns.StandInLine(_dispatcher.Post);
    }

    /// <summary>Takes an admitted item out, and lets in those for which there is room now.</summary>
    private void Leave(WorkItem item)
    {
        var items = item.Place!.List!;
        items.Remove(item.Place);
        if (items.Count == 0) _waiting.Remove(item.Runner);
        _tokens -= item.Cost;
        if (item.Ticket is { } ticket) _turns.Withdraw(ticket);
        item.Ticket = null;
        while (_outside.First is { } next && HasRoom(next.Value))
        {
            _outside.RemoveFirst();
            Admit(next.Value);
        }
    }
}
