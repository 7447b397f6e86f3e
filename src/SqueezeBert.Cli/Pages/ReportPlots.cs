using System.Globalization;
using System.Xml.Linq;
using SqueezeBert.Cli.Reports;

namespace SqueezeBert.Cli.Pages;

/// <summary>A value of a plot.</summary>
/// <param name="Name">Of the model or baseline.</param>
/// <param name="Series">The number of its colour.</param>
/// <param name="Score">In hundredths.</param>
/// <param name="Milliseconds">Of one text; null where none was measured.</param>
internal sealed record PlotPoint(string Name, int Series, double Score, double? Milliseconds);

/// <summary>A curve of a plot.</summary>
/// <param name="Name">What it is of.</param>
/// <param name="Series">The number of its colour.</param>
/// <param name="Points">Rising in steps.</param>
internal sealed record PlotCurve(string Name, int Series, IReadOnlyList<CurvePoint> Points);

/// <summary>The plots of a report.</summary>
internal static class ReportPlots
{
    private const int Width = 460;
    private const int BarHeight = 34;
    private const int MaxCurvePoints = 400;
    private const int MaxMarks = 40;
    private const int MarkSize = 13;
    private const double TextWidth = 7.2;

    /// <summary>A bar a model or baseline.</summary>
    public static XElement Bars(string id, string title, IReadOnlyList<PlotPoint> points)
    {
        var left = (int)Math.Clamp(16 + (TextWidth * points.Max(point => point.Name.Length)), 60, 200);
        var x = PlotAxis.Of("score in hundredths", [.. points.Select(point => point.Score), 100], fromZero: true);

        // The number beside the longest bar needs room.
        x = x with { High = 1.1 * x.High };
        var canvas = new PlotCanvas(
            Width, 62 + (BarHeight * points.Count), x, PlotAxis.Of([.. points.Select(point => point.Name)]), left);
        foreach (var (number, point) in points.Index())
        {
            canvas.Bar(-number, point.Score, point.Series);
            canvas.Label(Math.Max(0, point.Score), -number, Hundredths(point.Score), shift: 6);
        }

        return canvas.ToSvg(id, title, string.Join("; ", points.Select(point => $"{point.Name} {Hundredths(point.Score)}")) + ".");
    }

    /// <summary>A mark a model: the score against the time of one text.</summary>
    public static XElement Latency(string id, string title, int tokens, IReadOnlyList<PlotPoint> points)
    {
        var x = PlotAxis.Of(
            string.Create(CultureInfo.InvariantCulture, $"ms for a text of {tokens} tokens"), [.. points.Select(Time)], fromZero: true);
        var canvas = new PlotCanvas(
            Width, 280, x, PlotAxis.Of("score in hundredths", [.. points.Select(point => point.Score)], fromZero: false), 62);
        foreach (var point in points) canvas.Mark(Time(point), point.Score, point.Series, MarkSize);
        canvas.Names([.. points.Select(point => (Time(point), point.Score, point.Name))], MarkSize);
        return canvas.ToSvg(id, title, string.Join("; ", points.Select(
            point => string.Create(CultureInfo.InvariantCulture, $"{point.Name} {point.Score:0.00} at {Time(point):0.00} ms"))) + ".");

        static double Time(PlotPoint point) => point.Milliseconds!.Value;
    }

    /// <summary>Curves of one figure over the steps of a run; each has a point.</summary>
    public static XElement Curves(string id, string title, string figure, IReadOnlyList<PlotCurve> curves)
    {
        var there = curves.Select(curve => curve with { Points = Thin(curve.Points) }).ToList();
        var points = there.SelectMany(curve => curve.Points).ToList();
        var canvas = new PlotCanvas(
            Width, 280, PlotAxis.Of("steps", [.. points.Select(point => (double)point.Step)], fromZero: true),
            PlotAxis.Of(figure, [.. points.Select(point => point.Value)], fromZero: false), 62);
        foreach (var curve in there)
        {
            canvas.Line(curve.Points.Select(point => ((double)point.Step, point.Value)), curve.Series);
            if (curve.Points.Count > MaxMarks) continue;
            foreach (var point in curve.Points) canvas.Mark(point.Step, point.Value, curve.Series, size: 7);
        }

        return canvas.ToSvg(id, title, string.Join(" ", there.Select(Words)));

        static string Words(PlotCurve curve)
        {
            var (first, last) = (curve.Points[0], curve.Points[^1]);
            return string.Create(CultureInfo.InvariantCulture,
                $"{curve.Name}: {first.Value:0.####} at step {first.Step}, {last.Value:0.####} at step {last.Step}.");
        }
    }

    // As many points as a screen shows; the first and the last are kept.
    private static IReadOnlyList<CurvePoint> Thin(IReadOnlyList<CurvePoint> points) => points.Count <= MaxCurvePoints ? points
        : [.. Enumerable.Range(0, MaxCurvePoints).Select(i => points[(int)((long)i * (points.Count - 1) / (MaxCurvePoints - 1))])];

    private static string Hundredths(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
