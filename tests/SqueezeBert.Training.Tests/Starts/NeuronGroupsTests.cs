using SqueezeBert.Training.Starts.Fitting;

namespace SqueezeBert.Training.Tests.Starts;

public sealed class NeuronGroupsTests
{
    [Fact]
    public void NeuronsGoToTheirBestGroupWhereThereIsRoom() =>
        Assert.Equal([[1, 2], [0, 3]], NeuronGroups.Assign(new double[,] { { 0, 1 }, { 1, 0 }, { 0.9, 0.5 }, { 0.2, 0.3 } }));

    [Fact]
    public void ThoseThatLoseMostChooseFirst() =>
        // All want the first group; the first and the last would lose most in the second.
        Assert.Equal([[0, 3], [1, 2]], NeuronGroups.Assign(new double[,] { { 1, 0 }, { 0.9, 0.8 }, { 1, 0.9 }, { 0.7, 0.1 } }));

    [Fact]
    public void EveryNeuronIsInOneGroupOfEqualSize()
    {
        var random = new Random(1);
        var worth = new double[96, 4];
        for (var i = 0; i < 96; i++)
        {
            for (var g = 0; g < 4; g++) worth[i, g] = random.NextDouble() + (g == 2 ? 0.5 : 0);
        }

        var groups = NeuronGroups.Assign(worth);
        Assert.All(groups, group => Assert.Equal(24, group.Length));
        Assert.Equal(Enumerable.Range(0, 96), groups.SelectMany(group => group).Order());
    }
}
