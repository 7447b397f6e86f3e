using ScottPlot;

namespace SqueezeBert.Cli.Pages;

/// <summary>
/// Colours of plots. They stand for variables of the page's style sheet, which has them for light and for dark, and are replaced in the
/// SVG.
/// </summary>
internal static class PlotColors
{
    /// <summary>Series that have a colour of their own; more begin again.</summary>
    public const int SeriesCount = 8;

    private const string SeriesPrefix = "#0A02";

    /// <summary>Axes.</summary>
    public static Color Ink { get; } = Color.FromHex("#0A0101");

    /// <summary>Lines behind the data.</summary>
    public static Color Grid { get; } = Color.FromHex("#0A0102");

    /// <summary>A model, a baseline or a curve.</summary>
    public static Color Series(int number) => Color.FromHex($"{SeriesPrefix}{number % SeriesCount:X2}");

    /// <summary>The variable of the style sheet for a colour of an SVG; null for one that is not of these.</summary>
    public static string? Variable(string color)
    {
        var name = color.ToUpperInvariant();
        if (name == "#0A0101") return "var(--ink)";
        if (name == "#0A0102") return "var(--line)";
        return name.Length == 7 && name.StartsWith(SeriesPrefix, StringComparison.Ordinal) ? $"var(--s{name[^1]})" : null;
    }
}
