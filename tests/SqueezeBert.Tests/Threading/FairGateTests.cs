using SqueezeBert.Threading;

namespace SqueezeBert.Tests.Threading;

public class FairGateTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PlacesGoToWhoeverWaitedLongest()
    {
        var gate = new FairGate(1);
        gate.Enter(Token);
        var waiting = Enumerable.Range(0, 5).Select(_ => gate.EnterAsync(Token).AsTask()).ToList();
        for (var i = 0; i < waiting.Count; i++)
        {
            Assert.All(waiting.Skip(i), task => Assert.False(task.IsCompleted));
            Assert.False(gate.TryEnter());
            gate.Leave();
            await waiting[i];
        }

        gate.Leave();
        Assert.Equal(0, gate.Active);
        Assert.True(gate.TryEnter());
    }

    /// <summary>A place that is given in the moment in which its taker gives up must not be lost.</summary>
    [Fact]
    public async Task NoPlaceIsLostByCancellation()
    {
        var gate = new FairGate(2);
        var entered = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 3000),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Token },
            async (i, token) =>
            {
                using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(token);
                if (i % 3 == 0) cancelled.CancelAfter(TimeSpan.FromMicroseconds(i % 100));
                try
                {
                    if (i % 2 == 0) gate.Enter(cancelled.Token);
                    else await gate.EnterAsync(cancelled.Token);
                }
                catch (OperationCanceledException)
                {
                    return;
                }

                Assert.InRange(Interlocked.Increment(ref entered), 1, 2);
                await Task.Yield();
                Interlocked.Decrement(ref entered);
                gate.Leave();
            });
        Assert.Equal(0, gate.Active);
        Assert.True(gate.TryEnter() && gate.TryEnter());
        Assert.False(gate.TryEnter());
    }
}
