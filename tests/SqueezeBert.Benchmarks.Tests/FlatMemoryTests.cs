using SqueezeBert.Graphs;
using SqueezeBert.Inference;

namespace SqueezeBert.Benchmarks.Tests;

public class FlatMemoryTests
{
    [Theory]
    [InlineData("tiny-squeezebert")]
    [InlineData("tiny-mobilebert")]
    public void CallsOfRandomLengthsKeepToTheMemoryOfTheLongest(string name)
    {
        var model = BenchmarkModel.Find(name);
        using var inference = new Engine(model.Configuration, model.Graph(), model.Parameters(),
            new EngineOptions { Threads = 1 });
        using var session = inference.CreateSession(OutputNames.LastHiddenState);
        var flat = FlatMemory.Run(session, model.Configuration.VocabularySize, longest: 64, calls: 500,
            GC.GetAllocatedBytesForCurrentThread);
        Assert.Equal(flat.ActivationBytes.First, flat.ActivationBytes.Last);
        Assert.All(flat.AllocatedBytes, bytes => Assert.Equal(0, bytes));
        Assert.True(flat.IsFlat);
    }

    [Fact]
    public void GrowthIsNoticed()
    {
        var model = BenchmarkModel.Find("tiny-bert");
        using var inference = new Engine(model.Configuration, model.Graph(), model.Parameters(),
            new EngineOptions { Threads = 1 });
        using var session = inference.CreateSession(OutputNames.LastHiddenState);
        var bytes = 0L;
        Assert.False(FlatMemory.Run(session, model.Configuration.VocabularySize, longest: 8, calls: 10, () => bytes += 24).IsFlat);
        Assert.False(new FlatMemory((1024, 2048), [0], [0]).IsFlat);
    }
}
