using SqueezeBert.Threading;

namespace SqueezeBert.Serving;

/// <summary>
/// The asynchronous calls of all pipelines of a model. The one that came first is computed as soon as there is a turn, together with others
/// of its pipeline up to a batch; nothing waits for a batch to fill. Thread-safe.
/// </summary>
/// <param name="turns">Who may compute now.</param>
/// <param name="capacity">Tokens that may wait.</param>
/// <param name="mode">What an item meets when there is no room.</param>
internal sealed class WorkQueue(FairGate turns, int capacity, QueueFullMode mode)
{
    private readonly object _lock = new();
    private readonly Dictionary<IBatchRunner, LinkedList<WorkItem>> _waiting = [];
    private readonly LinkedList<WorkItem> _outside = [];
    private long _tokens;
    private long _number;
    private int _loops;
    private int _count;

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
            else if (mode == QueueFullMode.Reject && !mayWait) throw new QueueFullException(capacity);
            else item.Place = _outside.AddLast(item);
            _count++;
            if (_loops == turns.Places) return;
            _loops++;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static queue => _ = queue.LoopAsync(), this, preferLocal: false);
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

    /// <summary>Takes the next item of a runner; null where there is none.</summary>
    public WorkItem? TakeNext(IBatchRunner runner)
    {
        lock (_lock) return _waiting.TryGetValue(runner, out var items) ? Take(items.First!.Value) : null;
    }

    private async Task LoopAsync()
    {
        while (true)
        {
            await turns.EnterAsync(CancellationToken.None).ConfigureAwait(false);
            try
            {
                if (TakeFirst() is not { } item) return;
                item.Runner.Run(item, this);
            }
            finally
            {
                turns.Leave();
            }
        }
    }

    /// <summary>Takes the item that came first; ends a loop where there is none.</summary>
    private WorkItem? TakeFirst()
    {
        lock (_lock)
        {
            WorkItem? first = null;
            foreach (var items in _waiting.Values)
            {
                if (first is null || items.First!.Value.Number < first.Number) first = items.First!.Value;
            }

            if (first is not null) return Take(first);
            _loops--;
            return null;
        }
    }

    private WorkItem Take(WorkItem item)
    {
        Leave(item);
        item.Place = null;
        _count--;
        return item;
    }

    private bool HasRoom(WorkItem item) => _tokens == 0 || _tokens + item.Cost <= capacity;

    private void Admit(WorkItem item)
    {
        item.Number = _number++;
        if (!_waiting.TryGetValue(item.Runner, out var items)) _waiting.Add(item.Runner, items = []);
        item.Place = items.AddLast(item);
        _tokens += item.Cost;
    }

    /// <summary>Takes an admitted item out, and lets in those for which there is room now.</summary>
    private void Leave(WorkItem item)
    {
        var items = item.Place!.List!;
        items.Remove(item.Place);
        if (items.Count == 0) _waiting.Remove(item.Runner);
        _tokens -= item.Cost;
        while (_outside.First is { } next && HasRoom(next.Value))
        {
            _outside.RemoveFirst();
            Admit(next.Value);
        }
    }
}
