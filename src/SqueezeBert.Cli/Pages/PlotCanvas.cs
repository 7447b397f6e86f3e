using System.Globalization;
using System.Xml.Linq;

namespace SqueezeBert.Cli.Pages;

/// <summary>
/// A plot of fixed size and limits, as the elements of an SVG. Its colours are variables of the page's style sheet, which has them for
/// light and for dark. Its texts are text, so that they are in the reader's font and can be selected.
/// </summary>
internal sealed class PlotCanvas
{
    private const int Top = 14;
    private const int Right = 16;
    private const int Bottom = 44;
    private const int TextSize = 13;
    private const int LineHeight = 15;
    private const double CharacterWidth = 7.2;
    private const int TickLength = 4;
    private const int SeriesCount = 8;
    private const double CapHeight = 0.35;
    private const double BarSize = 0.7;

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private readonly List<XElement> _shapes = [];
    private readonly List<XElement> _labels = [];
    private readonly PlotAxis _x;
    private readonly PlotAxis _y;
    private readonly int _width;
    private readonly int _height;
    private readonly int _left;

    /// <param name="width">Of the drawing, in pixels.</param>
    /// <param name="height">Of the drawing.</param>
    /// <param name="x">The horizontal axis.</param>
    /// <param name="y">The vertical axis.</param>
    /// <param name="left">Pixels for the labels of the vertical axis.</param>
    public PlotCanvas(int width, int height, PlotAxis x, PlotAxis y, int left) =>
        (_width, _height, _left, _x, _y) = (width, height, left, x, y);

    /// <summary>Adds a bar from zero to a value of the horizontal axis.</summary>
    /// <param name="position">The middle of the bar on the vertical axis.</param>
    /// <param name="value">Where it ends.</param>
    /// <param name="series">The number of its colour.</param>
    public void Bar(double position, double value, int series)
    {
        var (from, to) = (X(Math.Min(0, value)), X(Math.Max(0, value)));
        var (top, bottom) = (Y(position + (BarSize / 2)), Y(position - (BarSize / 2)));
        _shapes.Add(Element("rect", Number("x", from), Number("y", top), Number("width", to - from), Number("height", bottom - top),
            Style("fill", Series(series))));
    }

    /// <summary>Adds a mark, whose shape tells series apart for whoever does not see their colours.</summary>
    /// <param name="x">Where.</param>
    /// <param name="y">Where.</param>
    /// <param name="series">The number of its colour and shape.</param>
    /// <param name="size">Its width in pixels.</param>
    public void Mark(double x, double y, int series, double size)
    {
        var (middle, centre, half) = (X(x), Y(y), size / 2);
        var style = Style("fill", Series(series));
        _shapes.Add((series % 5) switch
        {
            0 => Element("circle", Number("cx", middle), Number("cy", centre), Number("r", half), style),
            1 => Polygon((-1, -1), (1, -1), (1, 1), (-1, 1)),
            2 => Polygon((0, -1), (1, 1), (-1, 1)),
            3 => Polygon((0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)),
            _ => Polygon((-1, -1), (1, -1), (0, 1)),
        });

        XElement Polygon(params (double X, double Y)[] corners) => Element(
            "polygon", Points(corners.Select(corner => (middle + (half * corner.X), centre + (half * corner.Y)))), style);
    }

    /// <summary>Adds a line through points.</summary>
    /// <param name="points">In order; at least one.</param>
    /// <param name="series">The number of its colour.</param>
    public void Line(IEnumerable<(double X, double Y)> points, int series) => _shapes.Add(Element(
        "polyline", Points(points.Select(point => (X(point.X), Y(point.Y)))), new XAttribute("fill", "none"),
        new XAttribute("stroke-width", 2), new XAttribute("stroke-linejoin", "round"), Style("stroke", Series(series))));

    /// <summary>Adds a text at a place of the data.</summary>
    /// <param name="x">Where.</param>
    /// <param name="y">Where.</param>
    /// <param name="text">The text.</param>
    /// <param name="shift">Pixels to the right of it; to the left where it is negative, and the text ends there.</param>
    public void Label(double x, double y, string text, double shift) =>
        _labels.Add(Text(X(x) + shift, Y(y) + (CapHeight * TextSize), text, shift < 0 ? "end" : "start"));

    /// <summary>
    /// Adds a name beside each mark, towards the middle of the plot. A name that would cover another one or a mark moves up or down, and a
    /// line leads to it.
    /// </summary>
    /// <param name="names">The names, and where their marks are.</param>
    /// <param name="size">The width of a mark in pixels.</param>
    public void Names(IReadOnlyList<(double X, double Y, string Text)> names, double size)
    {
        var marks = names.Select(name => new Box(X(name.X) - (size / 2), Y(name.Y) - (size / 2), size, size)).ToList();
        var taken = new List<Box>();
        foreach (var number in Enumerable.Range(0, names.Count).OrderBy(number => marks[number].Top))
        {
            var (x, y) = (X(names[number].X), Y(names[number].Y));
            var side = x > (_left + _width - Right) / 2.0 ? -1 : 1;
            List<Box> others = [.. taken, .. marks.Where((_, other) => other != number)];
            var lines = Enumerable.Range(1, (_height - Top - Bottom) / LineHeight)
                .SelectMany(line => (int[])[line * LineHeight, -line * LineHeight]).Prepend(0);
            var shift = lines.FirstOrDefault(line => IsInside(Place(line)) && !others.Exists(Place(line).Overlaps));
            var box = Place(shift);
            taken.Add(box);
            var end = side < 0 ? box.Left + box.Width : box.Left;
            if (shift != 0) _shapes.Insert(0, Stroke(x, y, end, y + shift, "--ink"));
            _labels.Add(Text(end, y + shift + (CapHeight * TextSize), names[number].Text, side < 0 ? "end" : "start"));

            Box Place(int line)
            {
                var away = (size / 2) + (line == 0 ? 4 : LineHeight);
                var width = CharacterWidth * names[number].Text.Length;
                return new Box(side < 0 ? x - away - width : x + away, y + line - (LineHeight / 2.0), width, LineHeight);
            }
        }

        bool IsInside(Box box) => box.Top >= 0 && box.Top + box.Height <= _height - Bottom;
    }

    /// <summary>Draws.</summary>
    /// <param name="id">Unique on the page.</param>
    /// <param name="title">The accessible name.</param>
    /// <param name="description">What the plot shows, in words.</param>
    public XElement ToSvg(string id, string title, string description)
    {
        var (floor, right) = (_height - Bottom, _width - Right);
        var svg = Element("svg", new XAttribute("viewBox", $"0 0 {_width} {_height}"), new XAttribute("role", "img"),
            new XAttribute("aria-labelledby", $"{id}-title {id}-text"),
            Element("title", new XAttribute("id", $"{id}-title"), title), Element("desc", new XAttribute("id", $"{id}-text"), description));
        if (!_x.IsCategories) svg.Add(_x.Ticks.Select(tick => Stroke(X(tick.Value), Top, X(tick.Value), floor, "--line")));
        if (!_y.IsCategories) svg.Add(_y.Ticks.Select(tick => Stroke(_left, Y(tick.Value), right, Y(tick.Value), "--line")));
        svg.Add(_shapes, Stroke(_left, Top, _left, floor, "--ink"), Stroke(_left, floor, right, floor, "--ink"));
        if (!_x.IsCategories) svg.Add(_x.Ticks.Select(tick => Stroke(X(tick.Value), floor, X(tick.Value), floor + TickLength, "--ink")));
        if (!_y.IsCategories) svg.Add(_y.Ticks.Select(tick => Stroke(_left - TickLength, Y(tick.Value), _left, Y(tick.Value), "--ink")));
        svg.Add(_x.Ticks.Select(tick => Text(X(tick.Value), floor + 17, tick.Text, "middle")),
            _y.Ticks.Select(tick => Text(_left - 8, Y(tick.Value) + (CapHeight * TextSize), tick.Text, "end")),
            Text((_left + right) / 2.0, _height - 7, _x.Title, "middle"));
        if (_y.Title.Length > 0)
        {
            var middle = (Top + floor) / 2.0;
            var text = Text(13, middle, _y.Title, "middle");
            text.SetAttributeValue("transform", string.Create(CultureInfo.InvariantCulture, $"rotate(-90 13 {middle:0.##})"));
            svg.Add(text);
        }

        svg.Add(_labels);
        return svg;
    }

    private static XElement Element(string name, params object[] content) => new(Svg + name, content);

    private static XElement Text(double x, double y, string text, string anchor) => Element(
        "text", Number("x", x), Number("y", y), new XAttribute("font-size", TextSize), new XAttribute("text-anchor", anchor), text);

    private static XElement Stroke(double x1, double y1, double x2, double y2, string variable) =>
        Element("line", Number("x1", x1), Number("y1", y1), Number("x2", x2), Number("y2", y2), Style("stroke", variable));

    private static XAttribute Number(string name, double value) => new(name, value.ToString("0.##", CultureInfo.InvariantCulture));

    private static XAttribute Points(IEnumerable<(double X, double Y)> points) => new("points", string.Join(' ', points.Select(
        point => string.Create(CultureInfo.InvariantCulture, $"{point.X:0.##},{point.Y:0.##}"))));

    // A presentation attribute with a variable is not read by every browser, a style is.
    private static XAttribute Style(string property, string variable) => new("style", $"{property}:var({variable})");

    private static string Series(int number) => $"--s{number % SeriesCount}";

    private double X(double value) => _left + ((value - _x.Low) / (_x.High - _x.Low) * (_width - Right - _left));

    private double Y(double value) => _height - Bottom - ((value - _y.Low) / (_y.High - _y.Low) * (_height - Bottom - Top));

    private readonly record struct Box(double Left, double Top, double Width, double Height)
    {
        public bool Overlaps(Box other) => Left < other.Left + other.Width && other.Left < Left + Width
            && Top < other.Top + other.Height && other.Top < Top + Height;
    }
}
