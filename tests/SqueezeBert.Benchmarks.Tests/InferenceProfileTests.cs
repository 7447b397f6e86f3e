namespace SqueezeBert.Benchmarks.Tests;

public class InferenceProfileTests
{
    /// <summary>
    /// Two layers of 64 channels, 4 groups and a middle of 128: the names say which products there are, the shares add up.
    /// </summary>
    [Fact]
    public void EveryStepOfAPassIsTold()
    {
        using var output = new StringWriter();
        InferenceProfile.Run(new Arguments("profile", "--models", "tiny-squeezebert", "--lengths", "17", "--passes", "3"), output);
        var rows = output.ToString().Split('\n').Where(line => line.StartsWith("| tiny-squeezebert ", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)).ToList();
        Assert.Equal(
            ["attention", "embed", "feed-forward", "linear, 1 x [64, 64]", "linear, 4 x [16, 16]", "norm"],
            rows.Select(row => row[3]).Order(StringComparer.Ordinal));
        Assert.Equal(100, rows.Sum(row => double.Parse(row[5].TrimEnd('%'), System.Globalization.CultureInfo.InvariantCulture)), 0.5);
        Assert.All(rows, row => Assert.Equal(row[3] is "embed" or "norm", row[6].Length == 0));
    }
}
