using SqueezeBert.Threading;

namespace SqueezeBert.Tests.Threading;

public class LifetimeTests
{
    [Fact]
    public async Task WhatIsUsedIsFreedWhenTheLastUserLeaves()
    {
        var freed = 0;
        var lifetime = new Lifetime("Thing", () => freed++);
        lifetime.Enter();
        lifetime.Enter();
        lifetime.Close();
        Assert.Equal("Thing", Assert.Throws<ObjectDisposedException>(lifetime.Enter).ObjectName);
        lifetime.Exit();
        Assert.Equal(0, freed);
        Assert.False(lifetime.Ended.IsCompleted);
        lifetime.Exit();
        Assert.Equal(1, freed);
        await lifetime.Ended;
        lifetime.Close();
        Assert.Equal(1, freed);
    }

    [Fact]
    public void NobodyIsInsideWhenItIsFreed()
    {
        for (var round = 0; round < 2000; round++)
        {
            var (inside, freed) = (0, 0);
            var lifetime = new Lifetime("Thing", () =>
            {
                Assert.Equal(0, Volatile.Read(ref inside));
                Interlocked.Increment(ref freed);
            });
            Parallel.For(0, 4, i =>
            {
                if (i == round % 4) lifetime.Close();
                while (lifetime.TryEnter())
                {
                    Interlocked.Increment(ref inside);
                    Assert.Equal(0, Volatile.Read(ref freed));
                    Interlocked.Decrement(ref inside);
                    lifetime.Exit();
                }
            });
            Assert.Equal(1, freed);
        }
    }
}
