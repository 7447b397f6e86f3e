using CsCheck;
using SqueezeBert.Pipelines.LongTexts;

namespace SqueezeBert.Tests.Pipelines.LongTexts;

public class TokenWindowsTests
{
    [Fact]
    public void WindowsShareTheMiddleOfWhatTheyHaveInCommon()
    {
        Assert.Equal([new(0, 10, 0, 8), new(6, 16, 8, 14), new(12, 20, 14, 20)], Cover(20, 10, 4));
        Assert.Equal([new(0, 10, 0, 9), new(9, 11, 9, 11)], Cover(11, 10, 1));
        Assert.Equal([new(0, 10, 0, 10)], Cover(10, 10, 4));
        Assert.Equal([new(0, 0, 0, 0)], Cover(0, 10, 4));
    }

    [Fact]
    public void EveryTokenIsOwnedByOneWindowThatSeesIt() =>
        Gen.Select(Gen.Int[0, 300], Gen.Int[1, 60], Gen.Int[0, 59]).Sample((count, size, overlap) =>
    {
        var windows = Cover(count, size, Math.Min(overlap, size - 1));
        Assert.Equal(0, windows[0].OwnedStart);
        Assert.Equal(count, windows[^1].OwnedEnd);
        Assert.Equal(count, windows[^1].End);
        for (var i = 0; i < windows.Count; i++)
        {
            var w = windows[i];
            Assert.True(w.Start <= w.OwnedStart && w.OwnedEnd <= w.End && w.OwnedStart <= w.OwnedEnd && w.End - w.Start <= size);
            if (i == 0) continue;
            Assert.Equal(windows[i - 1].OwnedEnd, w.OwnedStart);
            Assert.True(w.Start <= windows[i - 1].End && w.End > windows[i - 1].End);
        }
    });

    private static List<TokenWindow> Cover(int count, int size, int overlap)
    {
        var windows = new TokenWindows(count, size, overlap);
        var all = new List<TokenWindow>();
        while (windows.MoveNext()) all.Add(windows.Current);
        return all;
    }
}
