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

    /// <summary>
    /// A batch takes a quarter of what waits for each turn, and no less than 64 tokens where there are as many: one that took all of it
    /// would answer its first texts as late as its last one.
    /// </summary>
    [Theory]
    [InlineData(50, 1, "10,7,5,4,3,2,2,1,1,1,1,1,1,1")]
    [InlineData(50, 2, "5,4,3,3,3,2,2,2,2,1,1,1,1,1,1,1,1,1,1,1,1,1,1")]
    [InlineData(6, 1, "10,10,10,10")]
    [InlineData(100, 4, "2,2,2,2,2,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1")]
    public void ABatchLeavesMostOfALongQueueToTheNext(int cost, int places, string sizes)
    {
        var turns = new FairGate(places);
        var queue = new WorkQueue(turns, int.MaxValue, QueueFullMode.Wait);
        var batches = new List<int[]>();
        using var done = new CountdownEvent(40);
        var runner = new Runner(int.MaxValue, batches, done);
        for (var i = 0; i < places; i++) turns.Enter(Token);
        for (var i = 0; i < 40; i++) queue.Add(new Item(runner, i, cost), mayWait: false);

        // The other places stay taken, so that one batch comes after the other.
        turns.Leave();
        done.Wait(Token);
        Assert.Equal(sizes, string.Join(',', batches.Select(batch => batch.Length)));
        Assert.Equal(Enumerable.Range(0, 40), batches.SelectMany(batch => batch));
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

    private sealed class Item(Runner runner, int number, int cost = 1) : WorkItem(runner, cost)
    {
        public int Own => number;
    }

    private sealed class Runner(int size, List<int[]> batches, CountdownEvent done) : IBatchRunner
    {
        public void Run(WorkItem first, BatchRest others)
        {
            var batch = new List<int> { ((Item)first).Own };
            while (batch.Count < size && others.TakeNext() is Item next) batch.Add(next.Own);
            lock (batches) batches.Add([.. batch]);
            for (var i = 0; i < batch.Count && !done.IsSet; i++) done.Signal();
        }
    }
}
