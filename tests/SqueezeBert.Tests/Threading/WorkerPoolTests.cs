using SqueezeBert.Threading;

namespace SqueezeBert.Tests.Threading;

public class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void EveryPartIsDoneOnce(int threads)
    {
        using var pool = new WorkerPool(threads);
        for (var parts = 0; parts < 200; parts++)
        {
            var body = new Counter(parts, threads);
            pool.Run(body, parts);
            Assert.All(body.Counts, count => Assert.Equal(1, count));
        }
    }

    [Fact]
    public async Task CallersAtTheSameTimeEachGetAllOfTheirParts()
    {
        using var pool = new WorkerPool(3);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 500; i++)
            {
                var body = new Counter(17, 3);
                pool.Run(body, 17);
                Assert.All(body.Counts, count => Assert.Equal(1, count));
            }
        })));
    }

    [Fact]
    public void CallersLeaveEachOtherAThread()
    {
        using var pool = new WorkerPool(3);
        Assert.Equal(3, pool.ThreadsPerCaller);
        foreach (var expected in new[] { 3, 2, 1, 1 })
        {
            pool.Enter();
            Assert.Equal(expected, pool.ThreadsPerCaller);
        }

        // All threads are taken by callers: this one does its parts itself.
        var body = new Counter(20, 1);
        pool.RunEntered(body, 20);
        Assert.All(body.Counts, count => Assert.Equal(1, count));
        for (var i = 0; i < 4; i++) pool.Leave();
        Assert.Equal(3, pool.ThreadsPerCaller);
    }

    [Fact]
    public void ASleepingPoolWakesUp()
    {
        using var pool = new WorkerPool(2);
        for (var i = 0; i < 5; i++)
        {
            var body = new Counter(64, 2);
            pool.Run(body, 64);
            Assert.All(body.Counts, count => Assert.Equal(1, count));
            Thread.Sleep(20);
        }
    }

    [Fact]
    public void AnExceptionOfAPartReachesTheCallerAndThePoolGoesOn()
    {
        using var pool = new WorkerPool(2);
        Assert.Throws<InvalidOperationException>(() => pool.Run(new Failing(), 100));
        var body = new Counter(10, 2);
        pool.Run(body, 10);
        Assert.All(body.Counts, count => Assert.Equal(1, count));
    }

    private sealed class Counter(int parts, int threads) : IParallelBody
    {
        public int[] Counts { get; } = new int[parts];

        public void Execute(int part, int worker)
        {
            Assert.InRange(worker, 0, threads - 1);
            Interlocked.Increment(ref Counts[part]);
        }
    }

    private sealed class Failing : IParallelBody
    {
        public void Execute(int part, int worker)
        {
            if (part == 7) throw new InvalidOperationException("part 7");
        }
    }
}
