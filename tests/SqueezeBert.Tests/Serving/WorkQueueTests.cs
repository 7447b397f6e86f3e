using SqueezeBert.Serving;
using SqueezeBert.Threading;

namespace SqueezeBert.Tests.Serving;

public class WorkQueueTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Each batch begins with the item that came first; others of its kind may go with it, those of another kind wait.</summary>
    [Fact]
    public async Task EachBatchBeginsWithWhoeverCameFirst()
    {
        var turns = new FairGate(1);
        var queue = new WorkQueue(turns, 1000, QueueFullMode.Wait);
        var batches = new List<int[]>();
        var done = new CountdownEvent(6);
        Runner a = new(2, batches, done), b = new(2, batches, done);
        turns.Enter(Token);
        var number = 0;
        foreach (var runner in (Runner[])[a, b, a, a, b, a]) queue.Add(new Item(runner, number++), mayWait: false);
        turns.Leave();
        await Task.Run(() => done.Wait(Token), Token);
        Assert.Equal([[0, 2], [1, 4], [3, 5]], batches);
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public async Task WhatFindsNoRoomIsLetInInItsOrder()
    {
        var turns = new FairGate(1);
        var queue = new WorkQueue(turns, 2, QueueFullMode.Wait);
        var batches = new List<int[]>();
        var done = new CountdownEvent(8);
        var runner = new Runner(1, batches, done);
        turns.Enter(Token);
        for (var i = 0; i < 9; i++) queue.Add(new Item(runner, i), mayWait: false);
        Assert.Equal(9, queue.Count);
        var left = new Item(runner, 9);
        queue.Add(left, mayWait: false);
        Assert.True(queue.Remove(left));
        Assert.False(queue.Remove(left));
        turns.Leave();
        await Task.Run(() => done.Wait(Token), Token);
        while (queue.Count > 0) await Task.Yield();
        Assert.Equal(Enumerable.Range(0, 8), batches.Take(8).Select(batch => batch[0]));
    }

    private sealed class Item(Runner runner, int number) : WorkItem(runner, 1)
    {
        public int Own => number;
    }

    private sealed class Runner(int size, List<int[]> batches, CountdownEvent done) : IBatchRunner
    {
        public void Run(WorkItem first, WorkQueue queue)
        {
            var batch = new List<int> { ((Item)first).Own };
            while (batch.Count < size && queue.TakeNext(this) is Item next) batch.Add(next.Own);
            lock (batches) batches.Add([.. batch]);
            for (var i = 0; i < batch.Count && !done.IsSet; i++) done.Signal();
        }
    }
}
