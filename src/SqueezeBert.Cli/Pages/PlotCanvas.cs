using System.Globalization;
using System.Xml.Linq;
using ScottPlot;

namespace SqueezeBert.Cli.Pages;

/// <summary>
/// A plot of fixed size and limits. ScottPlot draws its shapes; texts are added to the SVG as such, so that they are the reader's font, can
/// be selected, and are there on a machine without any font.
/// </summary>
internal sealed class PlotCanvas
{
    private const int Top = 14;
    private const int Right = 16;
    private const int Bottom = 44;
    private const int TextSize = 13;
    private const double CapHeight = 0.35;

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private readonly List<(Coordinates At, string Text, string Anchor, double ShiftX, double ShiftY)> _labels = [];
    private readonly IReadOnlyList<(double Value, string Text)> _ticksX;
    private readonly IReadOnlyList<(double Value, string Text)> _ticksY;
    private readonly string _titleX;
    private readonly string _titleY;
    private readonly int _width;
    private readonly int _height;
    private readonly int _left;

    /// <param name="width">Of the drawing, in pixels.</param>
    /// <param name="height">Of the drawing.</param>
    /// <param name="x">The horizontal axis.</param>
    /// <param name="y">The vertical axis.</param>
    /// <param name="left">Pixels for the labels of the vertical axis.</param>
    public PlotCanvas(int width, int height, PlotAxis x, PlotAxis y, int left)
    {
        (_width, _height, _left, _titleX, _titleY, _ticksX, _ticksY) = (width, height, left, x.Title, y.Title, x.Ticks, y.Ticks);
        Plot = new Plot();
        Plot.FigureBackground.Color = Colors.Transparent;
        Plot.DataBackground.Color = Colors.Transparent;
        Plot.Axes.Color(PlotColors.Ink);
        Plot.Axes.Top.IsVisible = Plot.Axes.Right.IsVisible = false;
        Plot.HideLegend();
        Plot.Grid.XAxisStyle.MajorLineStyle.Color = Plot.Grid.YAxisStyle.MajorLineStyle.Color = PlotColors.Grid;
        Plot.Grid.XAxisStyle.IsVisible = !x.IsCategories;
        Plot.Grid.YAxisStyle.IsVisible = !y.IsCategories;
        Set(Plot.Axes.Bottom, x);
        Set(Plot.Axes.Left, y);
        Plot.Axes.SetLimits(x.Low, x.High, y.Low, y.High);
        Plot.Layout.Fixed(new PixelPadding(left, Right, Bottom, Top));

        static void Set(IAxis axis, PlotAxis values)
        {
            axis.TickGenerator = new ScottPlot.TickGenerators.NumericManual(
                [.. values.Ticks.Select(tick => tick.Value)], [.. values.Ticks.Select(_ => "")]);
            if (values.IsCategories) axis.MajorTickStyle.Length = 0;
        }
    }

    /// <summary>Takes the shapes, in <see cref="PlotColors"/>.</summary>
    public Plot Plot { get; }

    /// <summary>Adds a text at a place of the data.</summary>
    /// <param name="x">Where.</param>
    /// <param name="y">Where.</param>
    /// <param name="text">The text.</param>
    /// <param name="shiftX">Pixels to the right of it; to the left where it is negative, and the text ends there.</param>
    /// <param name="shiftY">Pixels below it.</param>
    public void Label(double x, double y, string text, double shiftX = 0, double shiftY = 0) =>
        _labels.Add((new Coordinates(x, y), text, shiftX < 0 ? "end" : shiftX > 0 ? "start" : "middle", shiftX, shiftY));

    /// <summary>Draws.</summary>
    /// <param name="id">Unique on the page.</param>
    /// <param name="title">The accessible name.</param>
    /// <param name="description">What the plot shows, in words.</param>
    public XElement ToSvg(string id, string title, string description)
    {
        var svg = XElement.Parse(Plot.GetSvgXml(_width, _height));
        PlotSvg.Adopt(svg, id);
        svg.SetAttributeValue("viewBox", $"0 0 {_width} {_height}");
        svg.SetAttributeValue("role", "img");
        svg.SetAttributeValue("aria-labelledby", $"{id}-title {id}-text");
        svg.AddFirst(
            new XElement(Svg + "title", new XAttribute("id", $"{id}-title"), title),
            new XElement(Svg + "desc", new XAttribute("id", $"{id}-text"), description));
        foreach (var (value, text) in _ticksX) Add(Plot.GetPixel(new Coordinates(value, 0)).X, _height - Bottom + 17, text, "middle");
        foreach (var (value, text) in _ticksY)
            Add(_left - 8, Plot.GetPixel(new Coordinates(0, value)).Y + (CapHeight * TextSize), text, "end");
        Add((_left + _width - Right) / 2.0, _height - 7, _titleX, "middle");
        if (_titleY.Length > 0)
        {
            var middle = (Top + _height - Bottom) / 2.0;
            Add(13, middle, _titleY, "middle").SetAttributeValue("transform", $"rotate(-90 13 {Text(middle)})");
        }

        foreach (var label in _labels)
        {
            var pixel = Plot.GetPixel(label.At);
            Add(pixel.X + label.ShiftX, pixel.Y + label.ShiftY + (CapHeight * TextSize), label.Text, label.Anchor);
        }

        return svg;

        XElement Add(double x, double y, string text, string anchor)
        {
            var element = new XElement(Svg + "text", new XAttribute("x", Text(x)), new XAttribute("y", Text(y)),
                new XAttribute("font-size", TextSize), new XAttribute("text-anchor", anchor), text);
            svg.Add(element);
            return element;
        }

        static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
    }
}
