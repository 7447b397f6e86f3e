using CsCheck;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;

namespace SqueezeBert.Tests.Inference;

/// <summary>A text's result does not depend on the batch, the threads or the session.</summary>
public class SameBitsTests
{
    private static readonly string[] Models =
    [
        "squeezebert-sequence-classification", "squeezebert-mixed-groups", "mobilebert-encoder", "mobilebert-layer-norm",
        "separable-encoder", "bert-encoder",
        "tinybert-sequence-classification", "distilbert-masked-lm",
    ];

    [Theory]
    [MemberData(nameof(ModelNames))]
    public void ATextHasTheSameBitsAloneAndInAnyBatch(string name)
    {
        using var golden = new GoldenModel(name);
        using var model = golden.Load();
        using var session = model.CreateSession(OutputNames.LastHiddenState);
        var limit = golden.Folder.Configuration.MaxPositionEmbeddings;
        Text(limit).List[1, 9].Sample(
            texts =>
            {
                var alone = texts.SelectMany(text => Run(session, [text])).ToArray();
                Assert.Equal(alone, Run(session, texts));
            },
            iter: 30,
            threads: 1);
    }

    [Theory]
    [MemberData(nameof(ModelNames))]
    public void ThreadsDoNotChangeBits(string name)
    {
        using var golden = new GoldenModel(name);
        using var one = golden.Load(1);
        using var two = golden.Load(2);
        using var three = golden.Load(3);
        using var first = one.CreateSession(OutputNames.LastHiddenState);
        using var second = two.CreateSession(OutputNames.LastHiddenState);
        using var third = three.CreateSession(OutputNames.LastHiddenState);
        Text(golden.Folder.Configuration.MaxPositionEmbeddings).List[1, 30].Sample(
            texts =>
            {
                var expected = Run(first, texts);
                Assert.Equal(expected, Run(second, texts));
                Assert.Equal(expected, Run(third, texts));
            },
            iter: 20,
            threads: 1);
    }

    /// <summary>Wide enough for every tile and block of a real model, with rows that fill no block evenly.</summary>
    [Theory]
    [InlineData(4_000_000, 1 << 18)]
    [InlineData(0, 0)]
    [InlineData(0, long.MaxValue)]
    public void AModelOfRealWidthHasTheSameBitsWhateverTheThreads(long minimumWork, long cachedWeights)
    {
        var configuration = new SqueezeBertConfiguration
        {
            VocabularySize = 500,
            HiddenSize = 384,
            EmbeddingSize = 384,
            HeadCount = 6,
            LayerCount = 2,
            IntermediateSize = 1536,
            MaxPositionEmbeddings = 256,
        };
        var graph = ModelGraph.Create(configuration, ModelHead.None);
        using var one = new Engine(configuration, graph, new FormulaParameters(), new EngineOptions { Threads = 1 });
        using var three = new Engine(configuration, graph, new FormulaParameters(),
            new EngineOptions { Threads = 3, Sharing = new SharingLimits { MinimumWork = minimumWork, CachedWeights = cachedWeights } });
        using var first = one.CreateSession(OutputNames.LastHiddenState, OutputNames.PoolerOutput);
        using var third = three.CreateSession(OutputNames.LastHiddenState, OutputNames.PoolerOutput);
        foreach (var lengths in new int[][] { [1], [7], [17, 1, 40], [129], [200, 3, 77, 31] })
        {
            var batch = new PackedBatch();
            foreach (var length in lengths) batch.Add([.. Enumerable.Range(0, length).Select(i => (i * 37) % 500)]);
            first.Run(batch);
            third.Run(batch);
            Assert.Equal(first.GetOutput(OutputNames.LastHiddenState), third.GetOutput(OutputNames.LastHiddenState));
            Assert.Equal(first.GetOutput(OutputNames.PoolerOutput), third.GetOutput(OutputNames.PoolerOutput));
        }
    }

    [Fact]
    public async Task CallersAtTheSameTimeGetTheirOwnResults()
    {
        using var golden = new GoldenModel("squeezebert-sequence-classification");
        using var model = golden.Load(2);
        var batch = golden.Batch(0, 1, 2, 3);
        using var session = model.CreateSession(OutputNames.Logits);
        session.Run(batch);
        var expected = session.GetOutput(OutputNames.Logits).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() =>
        {
            using var own = model.CreateSession(OutputNames.Logits);
            for (var i = 0; i < 50; i++)
            {
                own.Run(batch);
                Assert.Equal(expected, own.GetOutput(OutputNames.Logits));
            }
        })));
    }

    public static TheoryData<string> ModelNames() => [.. Models];

    private static Gen<int[]> Text(int limit) => Gen.Int[0, 200].Array[1, limit];

    private static float[] Run(ModelSession session, List<int[]> texts)
    {
        var batch = new PackedBatch();
        foreach (var text in texts) batch.Add(text);
        session.Run(batch);
        return session.GetOutput(OutputNames.LastHiddenState).ToArray();
    }
}
