using SqueezeBert.Benchmarks.Measuring;

namespace SqueezeBert.Benchmarks.Tests;

public class MeasuringTests
{
    [Fact]
    public void SamplesAreSummedUpByQuantiles()
    {
        var samples = new Samples([5, 1, 3, 2, 4]);
        Assert.Equal((3, 1, 5), (samples.Median, samples.Minimum, samples.Maximum));
        Assert.Equal((4.0 - 2.0) / 3.0, samples.Spread, tolerance: 1e-12);
        Assert.Equal(2.5, new Samples([1, 2, 3, 4]).Median);
        Assert.Equal(7, new Samples([7]).Quantile(0.9));
    }

    [Fact]
    public void RoundsAlternateTheirDirectionAndFirstRepetitionsDoNotCount()
    {
        var order = new List<string>();
        Contender Named(string name, bool repeats) => new(name, () =>
        {
            order.Add(name);
            return order.Count;
        }, repeats);
        var rounds = new RoundRobin { Seconds = 0, MinimumRounds = 3, TurnSeconds = 0 };

        // A sample above half a second counts as long: such a contender needs no repetition before the clock runs.
        var samples = rounds.Run([Named("a", true), Named("b", true), Named("probe", false)]);
        Assert.Equal(["a", "a", "b", "b", "probe", "probe", "b", "a", "a", "b", "probe"], order);
        Assert.Equal([2.0, 8, 9], [samples[0].Minimum, samples[0].Median, samples[0].Maximum]);
        Assert.Equal([3, 3, 3], samples.Select(sample => sample.Count));
    }

    [Fact]
    public void AShortContenderWarmsUpInEveryTurnAndRepeatsUntilTheTurnIsLongEnough()
    {
        var calls = 0;
        double Short()
        {
            calls++;
            return 1e-6;
        }

        Assert.Equal(4, new RoundRobin { Seconds = 0, MinimumRounds = 4, TurnSeconds = 0 }.Run([new Contender("short", Short)])[0].Count);
        Assert.Equal(8, calls);
        calls = 0;
        var samples = new RoundRobin { Seconds = 0, MinimumRounds = 1, TurnSeconds = 0.001 }.Run([new Contender("short", Short)])[0];
        Assert.Equal(calls - 1, samples.Count);
    }

    [Fact]
    public void TablesAreMarkdown()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var table = new Table(output, "engine", "ms:");
        table.Row("ours", Table.Milliseconds(0.0123));
        Assert.Equal(
            """
            | engine             |       ms |
            |--------------------|---------:|
            | ours               |    12.30 |

            """.ReplaceLineEndings("\n"),
            output.ToString());
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Row("too few"));
    }
}
