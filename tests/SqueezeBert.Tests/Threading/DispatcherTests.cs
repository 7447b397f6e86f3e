using SqueezeBert.Threading;

namespace SqueezeBert.Tests.Threading;

public class DispatcherTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void EveryPostIsWorkedOnceAndByNoMoreThreadsThanThereMayBe()
    {
        var (done, active, most) = (0, 0, 0);
        var dispatcher = new Dispatcher(3, () =>
        {
            var now = Interlocked.Increment(ref active);
            for (var seen = Volatile.Read(ref most); now > seen; seen = Volatile.Read(ref most))
                Interlocked.CompareExchange(ref most, now, seen);
            Thread.SpinWait(200);
            Interlocked.Decrement(ref active);
            Interlocked.Increment(ref done);
        });
        Parallel.For(0, 5000, _ => dispatcher.Post());
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref done) == 5000, TimeSpan.FromMinutes(1)));
        Assert.InRange(most, 1, 3);
        Assert.InRange(dispatcher.ThreadCount, 1, 3);
    }

    /// <summary>Posted work that holds a turn would wait for another piece of work if one thread took both.</summary>
    [Fact]
    public void AsManyPiecesRunSideBySideAsThereMayBeThreads()
    {
        using var together = new Barrier(3);
        var done = 0;
        var dispatcher = new Dispatcher(3, () =>
        {
            together.SignalAndWait(Token);
            Interlocked.Increment(ref done);
        });
        for (var round = 1; round <= 200; round++)
        {
            for (var i = 0; i < 3; i++) dispatcher.Post();
            var wanted = 3 * round;
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref done) == wanted, TimeSpan.FromMinutes(1)));
        }
    }

    /// <summary>Callers that block all of the pool's threads do not keep asynchronous work from being done.</summary>
    [Fact]
    public async Task WorkDoesNotWaitForTheThreadPool()
    {
        using var release = new ManualResetEventSlim();
        using var worked = new ManualResetEventSlim();
        var blocked = Enumerable.Range(0, 64).Select(_ => Task.Run(() => release.Wait(Token), Token)).ToArray();
        new Dispatcher(1, worked.Set).Post();
        Assert.True(worked.Wait(TimeSpan.FromMinutes(1), Token));
        release.Set();
        await Task.WhenAll(blocked);
    }
}
