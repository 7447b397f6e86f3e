using SqueezeBert.Training.Data;
using SqueezeBert.Training.Tasks.Joint;

namespace SqueezeBert.Training.Tests.Data;

public sealed class EpochOrderTests
{
    private const ulong Seed = 9;

    [Fact]
    public void EveryExampleComesOnceAndTheSeedAndTheEpochDecideWhen()
    {
        var data = Data(Enumerable.Repeat(1f, 500));
        var order = All(new EpochOrder(data, 7, null, Seed, 0), data);
        Assert.Equal(Enumerable.Range(0, 500), order.SelectMany(step => step).Order());
        Assert.Equal(order, All(new EpochOrder(data, 7, null, Seed, 0), data));
        Assert.NotEqual(order, All(new EpochOrder(data, 7, null, Seed, 1), data));
        Assert.NotEqual(order, All(new EpochOrder(data, 7, null, Seed + 1, 0), data));
    }

    [Fact]
    public void AWeightIsTheMeanNumberOfTimes()
    {
        var data = Data(Enumerable.Range(0, 4000).Select(i => (i % 4) switch { 0 => 0.25f, 1 => 1, 2 => 2, _ => 1.5f }));
        var counts = new int[4];
        foreach (var example in All(new EpochOrder(data, 100, null, Seed, 3), data).SelectMany(step => step))
            counts[example % 4]++;
        Assert.Equal((1000, 2000), (counts[1], counts[2]));
        Assert.InRange(counts[0], 200, 300);
        Assert.InRange(counts[3], 1430, 1570);
    }

    [Theory]
    [InlineData(5, null)]
    [InlineData(null, 40)]
    [InlineData(5, 40)]
    [InlineData(null, 1)]
    public void AStepIsFullOrTheLast(int? size, int? tokens)
    {
        var data = Data(Enumerable.Repeat(1f, 101));
        var order = new EpochOrder(data, size, tokens, Seed, 0);
        var steps = All(order, data);
        Assert.Equal(101, steps.Sum(step => step.Count));
        Assert.Equal(0, order.Position(0));
        for (var i = 0; i < steps.Count; i++)
        {
            // One example is allowed to be longer than the budget.
            Assert.InRange(steps[i].Count, 1, size ?? int.MaxValue);
            if (steps[i].Count > 1) Assert.InRange(steps[i].Sum(example => data.Train[example].Length), 2, tokens ?? int.MaxValue);
            if (tokens is null && i + 1 < steps.Count) Assert.Equal(size, steps[i].Count);
            Assert.Equal(steps[i].Select(example => data.Train[example].Length).Order(),
                steps[i].Select(example => data.Train[example].Length));
            Assert.Equal(steps.Take(i).Sum(step => step.Count) / 101.0, order.Position(i), 1e-12);
        }
    }

    [Fact]
    public void WithoutASizeAStepHas32Examples() =>
        Assert.Equal(4, new EpochOrder(Data(Enumerable.Repeat(1f, 128)), null, null, Seed, 0).StepCount);

    [Fact]
    public void AnEpochCanBeEmpty() => Assert.Equal(0, new EpochOrder(Data(Enumerable.Repeat(1e-9f, 10)), null, null, Seed, 0).StepCount);

    [Fact]
    public void AStepOfSeveralDataSetsIsOfOneAndTheStepsComeMixed()
    {
        var data = new JointData([Data(Enumerable.Repeat(1f, 100)), Data([]), Data(Enumerable.Repeat(1f, 50))]);
        Assert.Equal((150, 150), (data.Train.Count, data.Train.TextCount));
        var steps = All(new EpochOrder(data, 8, null, Seed, 0), data);
        Assert.Equal(Enumerable.Range(0, 150), steps.SelectMany(step => step).Order());
        Assert.Equal((100 + 7) / 8 + ((50 + 7) / 8), steps.Count);
        Assert.All(steps, step => Assert.Single(step.Select(example => example < 100).Distinct()));
        var parts = steps.Select(step => step[0] < 100).ToList();
        Assert.InRange(parts.Zip(parts.Skip(1)).Count(pair => pair.First != pair.Second), 4, 14);
        Assert.Equal(steps, All(new EpochOrder(data, 8, null, Seed, 0), data));
        Assert.NotEqual(steps, All(new EpochOrder(data, 8, null, Seed, 1), data));
    }

    /// <summary>Examples of 1 to 17 tokens.</summary>
    private static StageData Data(IEnumerable<float> weights)
    {
        var data = new StageData();
        foreach (var weight in weights)
        {
            var length = (data.Train.Count * 5 % 17) + 1;
            data.Train.Add(new int[length], length, 0, data.Train.AddText(0));
            data.Weights.Add(weight);
        }

        return data;
    }

    private static List<List<int>> All(EpochOrder order, StageData data) =>
        [.. Enumerable.Range(0, order.StepCount).Select(step => order.Examples(step, data.Train).ToArray().ToList())];
}
