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
        var order = new List<int>();
        var tickets = Enumerable.Range(0, 6).Select(i => gate.StandInLine(() => order.Add(i))).ToList();
        gate.Withdraw(tickets[2]!);
        gate.Withdraw(tickets[2]!);
        var last = Task.Run(() => gate.Enter(Token), Token);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(i, order.Count);
            Assert.False(gate.TryEnter());
            gate.Leave();
        }

        Assert.Equal([0, 1, 3, 4, 5], order);
        gate.Leave();
        await last;

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
                    await Task.Run(() => gate.Enter(cancelled.Token), token);
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
