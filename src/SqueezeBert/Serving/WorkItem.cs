using System.Diagnostics;
using SqueezeBert.Threading;

namespace SqueezeBert.Serving;

/// <summary>Computes items of its own kind together.</summary>
internal interface IBatchRunner
{
    /// <summary>
    /// Computes the item, and with it as many others as there are and fit into a batch. The caller has a turn. Never throws: a failure is
    /// the item's.
    /// </summary>
    void Run(WorkItem first, BatchRest others);
}

/// <summary>One input of an asynchronous call on its way through the queue.</summary>
/// <param name="runner">What computes it.</param>
/// <param name="cost">Its tokens, estimated.</param>
internal abstract class WorkItem(IBatchRunner runner, int cost)
{
    public IBatchRunner Runner => runner;

    public int Cost => cost;

    /// <summary>When it was asked for.</summary>
    public long Started { get; } = Stopwatch.GetTimestamp();

    /// <summary>How long it waited until it was taken out of the queue; whoever takes it sets it.</summary>
    public TimeSpan Waited { get; set; }

    /// <summary>Who is told where its time went; null: nobody.</summary>
    public QueueTimes? Times { get; } = QueueTimes.Current;

    /// <summary>Its place in the order of all items; the queue's.</summary>
    public long Number { get; set; }

    /// <summary>What stands in line for it where turns are given; null where its turn has come. The queue's.</summary>
    public FairGate.Waiter? Ticket { get; set; }

    /// <summary>Where it waits; null where it does not. The queue's.</summary>
    public LinkedListNode<WorkItem>? Place { get; set; }
}
