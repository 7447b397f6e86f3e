using System.Diagnostics;
using SqueezeBert.Threading;

namespace SqueezeBert.Serving;

/// <summary>Computes work items of the same kind together.</summary>
internal interface IBatchRunner
{
    /// <summary>
    /// Computes an item, together with as many other items of <see cref="WorkQueue.TakeNext"/> as fit into a batch. The caller has a turn.
    /// It never throws; an error is reported to the item.
    /// </summary>
    void Run(WorkItem first, BatchRest others);
}

/// <summary>An input of an asynchronous call in the queue.</summary>
/// <param name="runner">The runner that computes it.</param>
/// <param name="cost">The estimated number of tokens.</param>
internal abstract class WorkItem(IBatchRunner runner, int cost)
{
    public IBatchRunner Runner => runner;

    public int Cost => cost;

    /// <summary>The timestamp of the call.</summary>
    public long Started { get; } = Stopwatch.GetTimestamp();

    /// <summary>How long the item waited until it was taken out of the queue. Whoever takes it sets this.</summary>
    public TimeSpan Waited { get; set; }

    /// <summary>Receives the times of the item, or null if nobody wants them.</summary>
    public QueueTimes? Times { get; } = QueueTimes.Current;

    /// <summary>The place in the order of all items, which the queue sets.</summary>
    public long Number { get; set; }

    /// <summary>The item's place in the line for a turn, or null if it has its turn. The queue sets it.</summary>
    public FairGate.Waiter? Ticket { get; set; }

    /// <summary>The item's place in the queue, or null if it is not waiting. The queue sets it.</summary>
    public LinkedListNode<WorkItem>? Place { get; set; }
}
