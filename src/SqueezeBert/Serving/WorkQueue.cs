using SqueezeBert.Threading;

namespace SqueezeBert.Serving;

/// <summary>
/// The queue of asynchronous calls of all pipelines on a model. Each item waits for a turn in the same line as the callers that block their
/// threads, so that neither overtake the others. An item whose turn has come is computed together with other items of its pipeline, as many
/// as <see cref="BatchShare"/> allows. No item waits for a batch to fill. Thread-safe.
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

    /// <param name="turns">The gate that gives turns.</param>
    /// <param name="capacity">The number of tokens that may wait.</param>
    /// <param name="mode">What happens to an item when there is no room.</param>
    public WorkQueue(FairGate turns, int capacity, QueueFullMode mode)
    {
        _turns = turns;
        _capacity = capacity;
        _mode = mode;
        _dispatcher = new Dispatcher(turns.Places, Serve);
    }

    /// <summary>The number of waiting items, including those without room.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Adds an item to the end.</summary>
    /// <param name="item">The new item.</param>
    /// <param name="mayWait">Whether the item may wait for room in any mode, because the first item of its call has found room.</param>
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

    /// <summary>Removes an item. Returns false if it is no longer in the queue.</summary>
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

    /// <summary>Removes and returns the next item of a runner, or null if there is none or it costs more than the room that is left.</summary>
    /// <param name="runner">The runner.</param>
    /// <param name="room">Room that is left in the batch, in estimated tokens.</param>
    public WorkItem? TakeNext(IBatchRunner runner, int room)
    {
        lock (_lock)
        {
            return _waiting.TryGetValue(runner, out var items) && items.First!.Value.Cost <= room ? Take(items.First.Value) : null;
        }
    }

    /// <summary>Uses a turn for the item that came first. If the item of the turn was removed, another one may use it, or none.</summary>
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

    /// <summary>Removes and returns the item that came first, or null if there is none.</summary>
    /// <param name="share">Receives how many tokens its batch may have.</param>
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

    /// <summary>Removes an admitted item, and admits items for which there is now room.</summary>
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
