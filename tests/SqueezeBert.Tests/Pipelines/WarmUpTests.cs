using SqueezeBert.Pipelines;

namespace SqueezeBert.Tests.Pipelines;

public class WarmUpTests
{
    /// <summary>A process that warms itself up swallows what goes wrong there, so it is told here.</summary>
    [Fact]
    public void TheWholeWayWorks() => WarmUp.Run();

    /// <summary>Few labels are put in order in another way than many; the order is one: by score, then by id, NaN last.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(40)]
    public void LabelsAreOrderedByScoreThenId(int count)
    {
        var random = new Random(count);
        for (var round = 0; round < 50; round++)
        {
            var labels = Enumerable.Range(0, count).Select(id => $"L{id}").ToArray();
            var scores = labels.Select(_ => random.Next(8) == 0 ? float.NaN : random.Next(4) / 4f).ToArray();
            var expected = labels.Zip(scores).OrderByDescending(pair => pair.Second).Select(pair => pair.First);
            Assert.Equal(expected,
                Classification.Of(labels, scores, new ReadInfo { TokenCount = 3, CharactersRead = 3 }).Labels.Select(label => label.Label));
        }
    }
}
