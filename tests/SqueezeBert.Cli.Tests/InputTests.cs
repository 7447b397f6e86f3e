using System.Collections.Concurrent;
using SqueezeBert.Cli.Input;

namespace SqueezeBert.Cli.Tests;

public class InputTests
{
    [Fact]
    public void WhatThereIsComesInOrderAndTheFailureBehindIt()
    {
        var batches = ReadAhead.Batches(Source(), static _ => 1, 7, CancellationToken.None);
        var seen = new List<int>();
        var failure = Assert.Throws<InvalidDataException>(() =>
        {
            foreach (var batch in batches)
            {
                Assert.InRange(batch.Count, 1, 7);
                seen.AddRange(batch);
            }
        });
        Assert.Equal(Enumerable.Range(0, 1000), seen);
        Assert.Equal("row 1000", failure.Message);

        static IEnumerable<int> Source()
        {
            for (var i = 0; i < 1000; i++) yield return i;
            throw new InvalidDataException("row 1000");
        }
    }

    [Fact(Timeout = 120_000)]
    public async Task AnItemComesWhileTheNextIsWaitedForAndTheReaderIsLeft()
    {
        using var items = new BlockingCollection<int> { 1 };
        using var cancellation = new CancellationTokenSource();
        using var batches = ReadAhead.Batches(items.GetConsumingEnumerable(), static _ => 1, 100, cancellation.Token).GetEnumerator();
        Assert.True(batches.MoveNext());
        Assert.Equal([1], batches.Current);
        var next = Task.Run(batches.MoveNext);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.WaitAsync(TestContext.Current.CancellationToken));
        items.CompleteAdding();
    }

    [Fact(Timeout = 120_000)]
    public async Task TheSourceIsNotReadFarAheadAndIsDisposedOfWhenNoOneWantsMore()
    {
        var read = 0;
        var disposed = new TaskCompletionSource();
        foreach (var batch in ReadAhead.Batches(Source(), static _ => 10, 100, CancellationToken.None))
        {
            Assert.InRange(batch.Count, 1, 10);
            break;
        }

        await disposed.Task.WaitAsync(TestContext.Current.CancellationToken);

        // One batch taken, two waiting, and the one that was being put.
        Assert.InRange(read, 1, 32);

        IEnumerable<int> Source()
        {
            try
            {
                while (true) yield return read++;
            }
            finally
            {
                disposed.SetResult();
            }
        }
    }

    [Fact(Timeout = 120_000)]
    public async Task AReadThatWaitsIsInterrupted()
    {
        using var never = new ManualResetEventSlim();
        using var cancellation = new CancellationTokenSource();
        await using var stream = new InterruptibleStream(new WaitingStream(never), cancellation.Token);
        var read = Task.Run(() => stream.Read(new byte[10]));
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(TestContext.Current.CancellationToken));
        Assert.Throws<OperationCanceledException>(() => stream.Read(new byte[10]));
        never.Set();
    }

    [Fact]
    public void AStreamsOwnExceptionsPassThrough()
    {
        using var stream = new InterruptibleStream(new WaitingStream(null), CancellationToken.None);
        Assert.Equal("broken", Assert.Throws<IOException>(() => stream.Read(new byte[10])).Message);
        using var bytes = new InterruptibleStream(new MemoryStream([1, 2, 3]), CancellationToken.None);
        var buffer = new byte[2];
        Assert.Equal((2, 1, 2), (bytes.Read(buffer), buffer[0], buffer[1]));
        Assert.Equal((1, 3), (bytes.Read(buffer), buffer[0]));
        Assert.Equal(0, bytes.Read(buffer));
    }

    private sealed class WaitingStream(ManualResetEventSlim? until) : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count)
        {
            if (until is null) throw new IOException("broken");
            until.Wait();
            return 0;
        }
    }
}
