using SqueezeBert.Threading;

namespace SqueezeBert.Tests.Threading;

public class BackgroundTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void WorkRunsBesideTheCallerOrWhereThereAreNoThreadsOnItsOwn(bool hasThreads)
    {
        var thread = 0;
        using var work = new Background<string>(
            () =>
            {
                thread = Environment.CurrentManagedThreadId;
                return "done";
            },
            hasThreads);
        Assert.Equal("done", work.Result());
        Assert.Equal(hasThreads, thread != Environment.CurrentManagedThreadId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AFailureIsThrownWhereTheResultIsAskedFor(bool hasThreads)
    {
        using var work = new Background<string>(() => throw new InvalidDataException("x"), hasThreads);
        Assert.Throws<InvalidDataException>(work.Result);
        using var nobodyAsks = new Background<string>(() => throw new InvalidDataException("y"), hasThreads);
    }
}
