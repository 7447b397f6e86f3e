using SqueezeBert.Load.Servers;

namespace SqueezeBert.Load.Scenarios;

/// <summary>
/// Whether a quantity grows: its least values in the last fifth of the time against those of the second fifth, before which code is
/// compiled and buffers find their sizes. The least ones, because what is garbage is there until it is collected; a leak raises them too.
/// </summary>
/// <param name="Before">Of the second fifth, the value that a tenth of the samples are below.</param>
/// <param name="After">The same of the last fifth.</param>
/// <param name="AnHour">The slope of a straight line through the samples from the second fifth on.</param>
internal readonly record struct Growth(double Before, double After, double AnHour)
{
    /// <param name="samples">At even intervals.</param>
    /// <param name="value">The quantity.</param>
    public static Growth Of(IReadOnlyList<MemorySample> samples, Func<MemorySample, double> value)
    {
        var fifth = Math.Max(1, samples.Count / 5);
        var rest = samples.Skip(fifth).Select(sample => (Hours: sample.Time.TotalHours, Value: value(sample))).ToList();
        if (rest.Count == 0) return new Growth(value(samples[0]), value(samples[0]), 0);
        var (meanHours, meanValue) = (rest.Average(item => item.Hours), rest.Average(item => item.Value));
        var spread = rest.Sum(item => (item.Hours - meanHours) * (item.Hours - meanHours));
        var slope = spread == 0 ? 0 : rest.Sum(item => (item.Hours - meanHours) * (item.Value - meanValue)) / spread;
        return new Growth(Low(rest.Take(fifth)), Low(rest.TakeLast(fifth)), slope);
    }

    /// <summary>Whether it does not grow by more than a share, or by more than what a few buffers are.</summary>
    public bool IsFlat(double share, double few) => After - Before <= Math.Max(share * Before, few);

    private static double Low(IEnumerable<(double Hours, double Value)> items)
    {
        var values = items.Select(item => item.Value).Order().ToList();
        return values[values.Count / 10];
    }
}
