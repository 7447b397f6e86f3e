using System.Globalization;

namespace SqueezeBert.Cli.Pages;

/// <summary>An axis of a plot: its limits and its ticks.</summary>
/// <param name="Title">What it measures; "" for none.</param>
/// <param name="Low">The lower limit.</param>
/// <param name="High">The upper limit.</param>
/// <param name="Ticks">Values with their texts.</param>
internal sealed record PlotAxis(string Title, double Low, double High, IReadOnlyList<(double Value, string Text)> Ticks)
{
    /// <summary>Whether the ticks are names, which need no lines.</summary>
    public bool IsCategories { get; init; }

    /// <summary>An axis of numbers that has all of some values, and a margin.</summary>
    /// <param name="title">What it measures.</param>
    /// <param name="values">The values; at least one.</param>
    /// <param name="fromZero">Whether it has zero as well.</param>
    /// <param name="count">About how many ticks.</param>
    public static PlotAxis Of(string title, IReadOnlyCollection<double> values, bool fromZero, int count = 5)
    {
        var (low, high) = (values.Min(), values.Max());
        if (fromZero) (low, high) = (Math.Min(0, low), Math.Max(0, high));
        var span = high - low;
        if (span < 1e-9 * Math.Max(1, Math.Abs(high)))
        {
            span = Math.Max(1e-3, Math.Abs(high) / 5);
            (low, high) = (low - (span / 2), high + (span / 2));
        }

        var step = Step(span / count);
        if (!fromZero || low < 0) low -= 0.08 * span;
        high += 0.08 * span;
        var digits = Math.Max(0, -(int)Math.Floor(Math.Log10(step) + 1e-9));
        var ticks = new List<(double, string)>();
        for (var tick = (long)Math.Ceiling(low / step); tick * step <= high; tick++)
            ticks.Add((tick * step, (tick * step).ToString($"N{digits}", CultureInfo.InvariantCulture)));
        return new PlotAxis(title, low, high, ticks);
    }

    /// <summary>An axis of names, the first on top.</summary>
    public static PlotAxis Of(IReadOnlyList<string> names) =>
        new("", -names.Count + 0.4, 0.6, [.. names.Select((name, number) => ((double)-number, name))]) { IsCategories = true };

    // 1, 2 or 5 times a power of ten.
    private static double Step(double about)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(about)));
        var digit = about / power;
        return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
    }
}
