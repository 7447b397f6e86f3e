using SqueezeBert.Serving;

namespace SqueezeBert.Tests.Serving;

/// <summary>
/// How many texts a batch takes, in a simulation of random arrivals at two cores. A batch alone has both cores, two batches have one each.
/// Times are in units of what a text takes on both cores, and nothing depends on a clock.
/// </summary>
public class BatchShareTests
{
    private const int Places = 2, TokensOfText = 64, TokensOfBatch = 2048, Texts = 200_000;

    /// <summary>The speed of one core: sharing a text costs something, so it is more than a half.</summary>
    private const double OneCore = 0.55;

    [Theory]
    [InlineData(0, 1, 64)]
    [InlineData(255, 1, 64)]
    [InlineData(1024, 1, 256)]
    [InlineData(1024, 2, 128)]
    [InlineData(long.MaxValue, 1, int.MaxValue)]
    public void ABatchHasAQuarterOfWhatWaitsForEachTurn(long waiting, int places, int tokens) =>
        Assert.Equal(tokens, BatchShare.Of(waiting, places));

    /// <summary>
    /// At half of what the cores can do, 99 of 100 texts are answered as soon as if none waited for others of its batch, and in less than
    /// three quarters of the time that batches of all that waits need. One core of double speed needs 4.3 (M/D/1).
    /// </summary>
    [Fact]
    public void SharesAreAsFastAsTextsOneByOneAtHalfLoad()
    {
        var (one, share, all) = (Of(0.5, _ => 1), Of(0.5, Share), Of(0.5, waiting => waiting));
        Assert.InRange(share, one, 1.02 * one);
        Assert.True(share < 0.75 * all, $"{share:0.00} of {all:0.00}");
        Assert.InRange(share, 4, 4.6);
    }

    /// <summary>Near the limit the queue is long, and its batches are large.</summary>
    [Fact]
    public void BatchesGrowWithTheQueue()
    {
        var sizes = new List<int>();
        Of(1.2, waiting =>
        {
            sizes.Add(Share(waiting));
            return sizes[^1];
        });
        Assert.Equal(TokensOfBatch / TokensOfText, sizes[^1000..].Max());
        Assert.True(sizes[^1000..].Average() > 20, "a long queue has small batches");
    }

    private static int Share(int waiting) =>
        Math.Min(BatchShare.Of((long)waiting * TokensOfText, Places), TokensOfBatch) / TokensOfText;

    /// <summary>The time in which 99 of 100 texts are answered.</summary>
    /// <param name="load">Texts that come, in parts of what both cores can do.</param>
    /// <param name="size">Texts of a batch, by those that wait.</param>
    private static double Of(double load, Func<int, int> size)
    {
        var random = new Random(1);
        var waiting = new Queue<double>();
        var running = new List<(double Left, List<double> Came)>();
        var times = new List<double>();
        var (now, next, coming) = (0.0, 0.0, Texts);
        while (coming > 0 || running.Count > 0)
        {
            var speed = running.Count == 1 ? 1 : OneCore;
            var end = running.Count == 0 ? double.PositiveInfinity : now + (running.Min(batch => batch.Left) / speed);
            var moment = coming > 0 ? Math.Min(next, end) : end;
            for (var i = running.Count - 1; i >= 0; i--)
            {
                running[i] = (running[i].Left - ((moment - now) * speed), running[i].Came);
                if (running[i].Left > 1e-9) continue;
                times.AddRange(running[i].Came.Select(came => moment - came));
                running.RemoveAt(i);
            }

            now = moment;
            if (coming > 0 && moment == next)
            {
                waiting.Enqueue(now);
                coming--;
                next = now - (Math.Log(1 - random.NextDouble()) / (load * 2 * OneCore));
            }

            while (running.Count < Places && waiting.Count > 0)
            {
                var count = Math.Clamp(size(waiting.Count), 1, waiting.Count);
                running.Add((count, [.. Enumerable.Range(0, count).Select(_ => waiting.Dequeue())]));
            }
        }

        times.Sort();
        return times[times.Count * 99 / 100];
    }
}
