namespace SqueezeBert.Training.Tests.Pruning;

/// <summary>Importance is the derivative of the loss by a factor on a part's output: it is compared with differences.</summary>
public sealed class ImportanceTests
{
    private const float Step = 0.05f;

    [Theory]
    [InlineData("bert")]
    [InlineData("squeezebert")]
    [InlineData("mobilebert")]
    public void ImportanceIsTheChangeOfTheLossByAFactor(string type)
    {
        using var toy = new PrunedToy(type, rows: 6);
        var importance = toy.Make(toy.Tensors).Measure(100, TestContext.Current.CancellationToken);
        for (var layer = 0; layer < 3; layer += 2)
        {
            if (toy.Layers.All[layer].Attention is { } attention)
            {
                var expected = Change(toy, attention.Output, input => input / attention.HeadSize == 2);
                AssertNear(expected, importance.Heads[layer][2]);
            }

            for (var network = 0; network < toy.Layers.All[layer].FeedForwards.Count; network++)
            {
                foreach (var channel in (int[])[0, 21, 63])
                {
                    var expected = Change(toy, toy.Layers.All[layer].FeedForwards[network].Second, input => input == channel);
                    AssertNear(expected, importance.Channels[layer][network][channel]);
                }
            }
        }

        Assert.All(importance.Layers, value => Assert.True(value > 0));
    }

    [Fact]
    public void TheLargestStayInTheirOrder()
    {
        Assert.Equal([0, 2, 3], Training.Pruning.Importance.Largest([5, 1, 7, 5], 3));
        Assert.Equal([0, 1], Training.Pruning.Importance.Largest([1, 1, 1], 2));
    }

    [Fact]
    public void TheLeastImportantLayerIsTheLastOfEqualOnes()
    {
        using var toy = new PrunedToy("bert", rows: 6);
        var importance = new Training.Pruning.Importance(toy.Layers);
        Assert.Equal(2, importance.LeastLayer);
        (importance.Layers[0], importance.Layers[1], importance.Layers[2]) = (2, 1, 1);
        Assert.Equal(2, importance.LeastLayer);
        importance.Layers[0] = 0.5;
        Assert.Equal(0, importance.LeastLayer);
    }

    private static void AssertNear(double expected, double actual) =>
        Assert.True(Math.Abs(expected - actual) <= 2e-4 + (0.03 * expected), $"{actual} instead of {expected}");

    private static double Change(PrunedToy toy, SqueezeBert.Graphs.Nodes.LinearNode linear, Func<int, bool> isChosen)
    {
        toy.Scale(linear, 1 + Step, isChosen);
        var up = Losses(toy);
        toy.Scale(linear, (1 - Step) / (1 + Step), isChosen);
        var down = Losses(toy);
        toy.Scale(linear, 1 / (1 - Step), isChosen);
        return up.Zip(down, (a, b) => Math.Abs(a - b) / (2 * Step)).Average();
    }

    private static List<double> Losses(PrunedToy toy) =>
        [.. toy.Scores(toy.Configuration, toy.Tensors).Zip(toy.Rows, (score, row) => -Math.Log(row.Label == 1 ? score : 1 - score))];
}
