using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Inference;
using SqueezeBert.Inference.Operations;
using SqueezeBert.Threading;

namespace SqueezeBert.Tests.Inference;

public class SessionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void AWarmSessionAllocatesNothing(int threads)
    {
        using var golden = new GoldenModel("squeezebert-sequence-classification");
        using var model = golden.Load(threads);
        using var session = model.CreateSession(OutputNames.Logits);
        var batch = golden.Batch(0, 1, 2, 3);
        for (var i = 0; i < 50; i++) session.Run(batch);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 100; i++) session.Run(batch);
        }));
    }

    [Fact]
    public void NativeMemoryStaysFlatOverRandomLengths()
    {
        using var golden = new GoldenModel("squeezebert-sequence-classification");
        using var model = golden.Load(2);
        using var session = model.CreateSession(OutputNames.Logits);
        var batch = new PackedBatch();
        var random = new Random(1);
        long peak = 0;
        for (var i = 0; i < 3000; i++)
        {
            batch.Clear();
            for (var text = 0; text < 4; text++) batch.Add(new int[i == 0 ? 40 : random.Next(1, 41)]);
            session.Run(batch);
            if (i == 0) peak = session.ActivationBytes;
        }

        // The first batch was the largest possible.
        Assert.Equal(peak, session.ActivationBytes);
    }

    [Fact]
    public void IdsOutsideTheTablesAreRefusedWithTheRemedy()
    {
        using var golden = new GoldenModel("squeezebert-encoder");
        using var model = golden.Load();
        using var session = model.CreateSession(OutputNames.LastHiddenState);
        var batch = new PackedBatch();
        batch.Add([golden.Folder.Configuration.VocabularySize]);
        Assert.Contains("tokenizer", Assert.Throws<ArgumentException>(() => session.Run(batch)).Message, StringComparison.Ordinal);
        batch.Clear();
        batch.Add([-1]);
        Assert.Throws<ArgumentException>(() => session.Run(batch));
        batch.Clear();
        batch.Add(new int[golden.Folder.Configuration.MaxPositionEmbeddings + 1]);
        Assert.Contains("truncate", Assert.Throws<ArgumentException>(() => session.Run(batch)).Message, StringComparison.Ordinal);
        batch.Clear();
        batch.Add([1], [2]);
        Assert.Throws<ArgumentException>(() => session.Run(batch));
    }

    [Fact]
    public void AnEmptyBatchGivesEmptyOutputs()
    {
        using var golden = new GoldenModel("squeezebert-sequence-classification");
        using var model = golden.Load();
        using var session = model.CreateSession(OutputNames.Logits);
        session.Run(new PackedBatch());
        Assert.Equal(0, session.GetRowCount(OutputNames.Logits));
        Assert.True(session.GetOutput(OutputNames.Logits).IsEmpty);
    }

    [Fact]
    public void AnUnknownOutputIsRefusedWithThoseThatExist()
    {
        using var golden = new GoldenModel("squeezebert-encoder");
        using var model = golden.Load();
        Assert.Contains("last_hidden_state", Assert.Throws<ArgumentException>(() => model.CreateSession("logits")).Message,
            StringComparison.Ordinal);
        using var session = model.CreateSession(OutputNames.LastHiddenState);
        session.Run(golden.Batch(0));
        Assert.Contains("last_hidden_state", Assert.Throws<ArgumentException>(() => session.GetOutput("pooler_output")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task TwoThreadsInOneSessionAreRefusedInsteadOfMixedUp()
    {
        using var golden = new GoldenModel("squeezebert-encoder");
        using var model = golden.Load();
        using var session = model.CreateSession(OutputNames.LastHiddenState);
        var batch = new PackedBatch();
        for (var i = 0; i < 200; i++) batch.Add(new int[40]);
        var refused = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 20; i++)
            {
                try
                {
                    session.Run(batch);
                }
                catch (InvalidOperationException)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        })));
        Assert.True(refused > 0);
        session.Run(batch);
    }

    [Fact]
    public void ACancelledRunThrowsAndTheSessionCanBeUsedAgain()
    {
        using var golden = new GoldenModel("squeezebert-encoder");
        using var model = golden.Load();
        using var session = model.CreateSession(OutputNames.LastHiddenState);
        Assert.ThrowsAny<OperationCanceledException>(() => session.Run(golden.Batch(0), new CancellationToken(true)));
        session.Run(golden.Batch(0));
        Assert.Equal(golden.RealPositions(0).Length, session.GetRowCount(OutputNames.LastHiddenState));
    }

    [Fact]
    public void RowsThatNoOutputNeedsAreNotComputed()
    {
        using var golden = new GoldenModel("squeezebert-encoder");
        var plan = PlanBuilder.Build(golden.Graph, new PackedWeights(golden.Graph.Nodes, golden.Folder.Weights, WorkerPool.Shared),
            [OutputNames.PoolerOutput]);
        var attention = plan.Segments.Last(segment => segment.Sequence is AttentionOperation);
        Assert.Equal(RowSet.FirstTokens, attention.Rows);
        Assert.All(plan.Segments.SkipWhile(segment => segment != attention), segment => Assert.Equal(RowSet.FirstTokens, segment.Rows));

        // Of the last layer's projections only keys and values are for every token.
        var before = plan.Segments.TakeWhile(segment => segment != attention).Reverse()
            .TakeWhile(segment => segment.Sequence is null).ToList();
        Assert.Contains(before,
            segment => segment.Rows == RowSet.FirstTokens && segment.RowOperations.OfType<LinearOperation>().Count() == 1);
    }
}
