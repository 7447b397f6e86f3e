using SqueezeBert.Training.Data;
using SqueezeBert.Training.Tasks;

namespace SqueezeBert.Training.Tests.Data;

public sealed class MicroBatchBuilderTests
{
    private const int Mask = 1, Vocabulary = 1000;

    private static readonly int[] Lengths = [3, 4, 4, 30, 700, 2, 9];

    [Theory]
    [InlineData(1, 7)]
    [InlineData(11, 4)]
    [InlineData(2000, 1)]
    public void ExamplesAreDividedInOrderAndABudgetIsKept(int budget, int expected)
    {
        var set = Set();
        var builder = new MicroBatchBuilder(((LogitsTask)TrainingTasks.SingleLabel).CreateWriter(null!, outputs: 2), budget);
        for (var repeat = 0; repeat < 2; repeat++)
        {
            Assert.Equal(expected, builder.Build(set, [0, 1, 2, 3, 4, 5, 6], 0));
            var next = 0;
            foreach (var batch in builder.Batches.Take(expected))
            {
                Assert.Equal(next, batch.FirstText);
                Assert.True(batch.Batch.TokenCount <= budget || batch.Batch.TextCount == 1);
                for (var text = 0; text < batch.Batch.TextCount; text++, next++)
                {
                    var (start, end) = (batch.Batch.TextStarts[text], batch.Batch.TextStarts[text + 1]);
                    Assert.Equal(set.Tokens(set[next]), batch.Batch.TokenIds[start..end]);

                    // A third of each text is its second part.
                    var types = batch.Batch.TokenTypeIds[start..end].ToArray();
                    Assert.Equal(types.Select((_, i) => i < set[next].SecondStart ? 0 : 1), types);
                    Assert.Equal(next, batch.Labels.Classes[text]);
                }
            }

            Assert.Equal(Lengths.Length, next);
        }
    }

    [Fact]
    public void MasksFollowTheExampleAndNotItsPlace()
    {
        var set = Set();
        var masking = new TokenMasking(0.5, Mask, Vocabulary, id => id < 5);
        var together = new MicroBatchBuilder(new MaskedExampleWriter(masking), 2000);
        var alone = new MicroBatchBuilder(new MaskedExampleWriter(masking), 1);
        together.Build(set, [3, 6, 4], 77);
        alone.Build(set, [4], 77);
        var (batch, single) = (together.Batches[0], alone.Batches[0]);
        var start = batch.Batch.TextStarts[2];
        Assert.Equal(single.Batch.TokenIds, batch.Batch.TokenIds[start..]);
        var count = single.Batch.SelectedRows.Length;
        Assert.InRange(count, 250, 450);
        Assert.Equal(single.Batch.SelectedRows.ToArray(), batch.Batch.SelectedRows[^count..].ToArray().Select(row => row - start));
        foreach (var (row, i) in single.Batch.SelectedRows.ToArray()
            .Select((row, i) => (row, i))) Assert.Equal(set.Tokens(set[4])[row], single.Labels.Classes[i]);
        alone.Build(set, [4], 78);
        Assert.NotEqual(single.Batch.TokenIds.ToArray(), batch.Batch.TokenIds[start..].ToArray());
    }

    private static ExampleSet Set()
    {
        var set = new ExampleSet();
        var random = new Random(2);
        foreach (var length in Lengths)
            set.Add([.. Enumerable.Range(0, length).Select(_ => random.Next(5, Vocabulary))], length - (length / 3), set.Count,
                set.AddText(0));
        return set;
    }
}
