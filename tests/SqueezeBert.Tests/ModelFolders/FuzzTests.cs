using SqueezeBert.Fuzz;

namespace SqueezeBert.Tests.ModelFolders;

/// <summary>A short part of the fuzz run (docs/fuzzing.md) with a fixed seed.</summary>
public sealed class FuzzTests
{
    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void MutatedFilesGiveAResultOrTheDocumentedException(string name)
    {
        var target = FuzzTargets.All.Single(target => target.Name == name);

        var result = FuzzRun.Run(target, seed: 20_260_101, first: 0, count: 2_000);

        Assert.Empty(result.Failures);
        Assert.Equal(2_000, result.Cases);
        Assert.InRange(result.Accepted, 1, 1_999);
    }

    [Fact]
    public void TheCorpusIsGoodAndACaseIsTheSameTwice()
    {
        foreach (var target in FuzzTargets.All)
        {
            foreach (var file in target.Corpus) target.Read(file, new float[1 << 18]);
            Assert.Equal(FuzzRun.Case(target, 7, 123), FuzzRun.Case(target, 7, 123));
            Assert.NotEqual(FuzzRun.Case(target, 7, 123), FuzzRun.Case(target, 8, 123));
        }
    }

    [Fact]
    public void AReaderThatBreaksAPromiseIsFound()
    {
        var throwing = new FuzzTarget("throwing", [[1]], [[2]], false, (_, _) => throw new IndexOutOfRangeException("gone"));
        Assert.Contains("IndexOutOfRangeException: gone", FuzzRun.Run(throwing, 1, 0, 1).Failures[0], StringComparison.Ordinal);
        var greedy = new FuzzTarget("greedy", [[1]], [[2]], false, (_, _) => GC.KeepAlive(new byte[80 << 20]));
        Assert.Contains("allocated", FuzzRun.Run(greedy, 1, 0, 1).Failures[0], StringComparison.Ordinal);
        var slow = new FuzzTarget("slow", [[1]], [[2]], false, (_, _) => Thread.Sleep(1100));
        Assert.Contains("took", FuzzRun.Run(slow, 1, 0, 1).Failures[0], StringComparison.Ordinal);
    }
}
