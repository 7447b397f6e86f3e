using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using SqueezeBert.Checkpoints;
using SqueezeBert.Cli.Pages;
using SqueezeBert.Cli.Reports;

namespace SqueezeBert.Cli.Tests;

public sealed partial class ReportPageTests : IDisposable
{
    private const string Metrics = """
        {"event":"step","stage":"a","step":10,"loss":0.9}
        {"event":"step","stage":"a","step":20,"loss":null}
        {"event":"evaluation","stage":"a","step":20,"loss":0.8,"accuracy":0.5}
        {"event":"saved","stage":"a","step":20,"what":"model"}
        {"event":"step","stage":"b","step":10,"loss":0.6}
        {"event":"step","stage":"b","step":20,"loss":0.5}
        {"event":"step","stage":"b","step":10,"loss":0.7}
        {"event":"evaluation","stage":"b","step":10,"loss":0.4,"accuracy":0.75}

        """;

    private static readonly XNamespace Html = "http://www.w3.org/1999/xhtml";
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private readonly TestTool _tool = new();
    private readonly TestTool _other = new();

    public ReportPageTests()
    {
        const string Header = "index\tsentence1\tsentence2\tgold_label\n";
        Directory.CreateDirectory(Path.Combine(_tool.Folder, "tasks", "MNLI"));
        _tool.Write("tasks/MNLI/train.tsv", $"{Header}0\tgood\tbad\tneutral\n1\tgood\tgood\tentailment\n");
        _tool.Write("tasks/MNLI/dev_matched.tsv",
            $"{Header}0\tgood\tnot bad\tneutral\n1\tthe film\tfilm\tentailment\n2\tbad\tfilm\tneutral\n");
        _tool.Write("tasks/MNLI/dev_mismatched.tsv", $"{Header}0\tgood\tbad\tcontradiction\n");
        foreach (var model in (string[])[_tool.Model, _other.Model])
            (ModelConfiguration.Load(model) with { Labels = ["contradiction", "entailment", "neutral"] }).Save(model);
        File.WriteAllText(Path.Combine(_tool.Model, "metrics.jsonl"), Metrics);
    }

    private string Page => Path.Combine(_tool.Folder, "report.html");

    private string Tasks => Path.Combine(_tool.Folder, "tasks");

    public void Dispose()
    {
        _tool.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void EveryPartOfTheReportIsOnThePage()
    {
        var page = Write();
        Assert.Equal(
            [
                "Scores and costs", "Accuracy against latency", "Scores by task", "Learning curves", "Beside published figures",
                "Where they differ", "What is taken for what",
            ],
            page.Descendants(Html + "h2").Select(heading => heading.Value));
        Assert.Equal(page.Descendants(Html + "h2").Select(heading => $"#{heading.Attribute("id")!.Value}"),
            page.Descendants(Html + "nav").Single().Descendants(Html + "a").Select(link => link.Attribute("href")!.Value));
        Assert.Equal(4, page.Descendants(Svg + "svg").Count());
        Assert.Contains(page.Descendants(Html + "th"), cell => cell.Value == "SqueezeBERT, test, published by others [2]");
        Assert.Equal(["MNLI-m (accuracy)", "84.6", "82.0", "83.3", "84.6", "82.5"],
            Rows(page, "published-table")[0].Where((_, column) => column is 0 or > 2));
        Assert.Equal("MNLI-mm (accuracy)", Rows(page, "published-table")[1][0]);
        Assert.Equal("4", Rows(page, "slices-0")[0][1]);
        Assert.Equal(3, Rows(page, "confusion-0").SelectMany(row => row.Skip(1))
            .Sum(cell => int.Parse(cell, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void ThePageLoadsNothing()
    {
        Write();
        var text = File.ReadAllText(Page);
        Assert.StartsWith("<!DOCTYPE html>\n<html lang=\"en\"", text, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", text, StringComparison.OrdinalIgnoreCase);
        var page = XDocument.Parse(text);
        foreach (var attribute in page.Descendants().Attributes().Where(attribute => !attribute.IsNamespaceDeclaration))
        {
            Assert.NotEqual("src", attribute.Name.LocalName);
            Assert.False(attribute.Name.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase), attribute.ToString());
            Assert.DoesNotContain("//", attribute.Value.Replace(_tool.Folder, "", StringComparison.Ordinal), StringComparison.Ordinal);
            if (attribute.Name.LocalName == "href") Assert.StartsWith("#", attribute.Value, StringComparison.Ordinal);
            Assert.All(Url().Matches(attribute.Value), match => Assert.StartsWith("url(#", match.Value, StringComparison.Ordinal));
        }

        Assert.DoesNotContain("url(", page.Descendants(Html + "style").Single().Value, StringComparison.Ordinal);
        Assert.DoesNotContain('&', PageStyle.Css);
        Assert.DoesNotContain('<', PageStyle.Css);
        Assert.DoesNotContain('>', PageStyle.Css);
    }

    [Fact]
    public void APlotHasANameADescriptionAndThePagesColours()
    {
        var page = Write();
        var ids = page.Descendants().Attributes("id").Select(id => id.Value).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        foreach (var plot in page.Descendants(Svg + "svg"))
        {
            Assert.Equal("img", plot.Attribute("role")!.Value);
            Assert.NotEmpty(plot.Element(Svg + "title")!.Value);
            Assert.NotEmpty(plot.Element(Svg + "desc")!.Value);
            Assert.Equal(["title", "desc"], plot.Attribute("aria-labelledby")!.Value.Split(' ')
                .Select(id => page.Descendants().Single(element => (string?)element.Attribute("id") == id).Name.LocalName));
            Assert.Equal("figcaption", plot.ElementsBeforeSelf().Single().Name.LocalName);
            Assert.All(plot.Descendants().Attributes().Where(attribute => attribute.Name.LocalName is "fill" or "stroke"),
                attribute => Assert.Equal("none", attribute.Value));
            Assert.NotEmpty(plot.Descendants(Svg + "text"));
            Assert.NotEmpty(plot.Descendants().Attributes("style"));
            Assert.All(plot.Descendants().Attributes("clip-path"), clip => Assert.Contains(clip.Value[5..^1], ids));
        }

        var variables = Variable().Matches(File.ReadAllText(Page)).Select(match => match.Groups[1].Value).Distinct();
        Assert.All(variables.Where(name => name is not ("--c" or "--share")),
            name => Assert.Equal(2, Regex.Count(PageStyle.Css, $"{name}: ")));
    }

    [Fact]
    public void NamesOfMarksThatLieTogetherDoNotCoverEachOther()
    {
        var points = Enumerable.Range(0, 8)
            .Select(number => new PlotPoint($"a long name {number}", number, 80 + (number % 3), 7 + (number / 9.0)));
        var plot = ReportPlots.Latency("plot", "title", 128, [.. points, new PlotPoint("alone", 0, 70, 2)]);
        var places = plot.Elements(Svg + "text").Where(text => text.Value.StartsWith('a'))
            .ToDictionary(text => text.Value, text => (X: Number(text, "x"), Y: Number(text, "y"), Text: text));
        Assert.Equal(9, places.Count);
        var column = places.Values.Where(place => place.Text.Value != "alone").ToList();
        Assert.All(column, place => Assert.Equal("end", place.Text.Attribute("text-anchor")!.Value));
        Assert.All(column, place => Assert.DoesNotContain(column, other => other != place && Math.Abs(other.Y - place.Y) < 14));
        Assert.All(column, place => Assert.InRange(place.Y, 0, 240));
        var alone = places["alone"];
        Assert.Equal("start", alone.Text.Attribute("text-anchor")!.Value);

        static double Number(XElement element, string name) => double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);
    }

    [Fact]
    public void ATableHasACaptionAndScopes()
    {
        var page = Write();
        Assert.All(page.Descendants(Html + "table"), table =>
        {
            Assert.NotEmpty(table.Element(Html + "caption")!.Value);
            Assert.All(table.Descendants(Html + "th"), cell => Assert.Contains(cell.Attribute("scope")!.Value, (string[])["row", "col"]));
            var columns = table.Element(Html + "thead")!.Descendants(Html + "th").Count();
            Assert.All(table.Element(Html + "tbody")!.Elements(), row => Assert.Equal(columns, row.Elements().Count()));
            Assert.Equal(table.Element(Html + "caption")!.Attribute("id")!.Value, table.Parent!.Attribute("aria-labelledby")!.Value);
            Assert.Equal("0", table.Parent.Attribute("tabindex")!.Value);
        });

        // In HTML, a short form of these would be an element that is never closed.
        Assert.DoesNotMatch("<(?:div|span|td|th|p|section|a|main|figcaption|title|li|caption)(?: [^>]*)?/>", File.ReadAllText(Page));
    }

    [Fact]
    public void NamesAreText()
    {
        Assert.Equal("a\uFFFDb\U0001F600\uFFFD<", PageElements.Text("a\u0001b\U0001F600\uD83D<"));
        Assert.Equal("<b>", PageElements.Table("id", "<b>", ["x"], []).Descendants(Html + "caption").Single().Value);
    }

    [Fact]
    public void StagesFollowEachOtherAndRepeatedStepsCountOnce()
    {
        var curve = LearningCurve.Read(_tool.Model)!;
        Assert.Equal([new CurvePoint(10, 0.9), new CurvePoint(30, 0.7), new CurvePoint(40, 0.5)], curve.Training);
        Assert.Equal([new CurvePoint(20, 0.8), new CurvePoint(30, 0.4)], curve.Evaluation);
        Assert.Equal([new CurvePoint(20, 0.5), new CurvePoint(30, 0.75)], curve.Accuracy);
        Assert.Null(LearningCurve.Read(_other.Model));
    }

    [Theory]
    [InlineData("{\"event\":\"step\",\"stage\":\"a\",\"loss\":1}")]
    [InlineData("{\"event\":\"step\",\"stage\":\"a\",\"step\":1e99,\"loss\":1}")]
    [InlineData("[1]")]
    [InlineData("{")]
    public void AFileOfOtherLinesIsNamed(string line)
    {
        File.WriteAllText(Path.Combine(_tool.Model, "metrics.jsonl"), $"{Metrics}{line}\n");
        var error = TestTool.Fails(1, "report", _tool.Model, "--tasks", Tasks, "--html", Page);
        Assert.Contains("metrics.jsonl", error, StringComparison.Ordinal);
        Assert.Contains("9", error, StringComparison.Ordinal);
        Assert.False(File.Exists(Page));
    }

    [Fact]
    public void WhereAPageCannotBeIsSaidFirst()
    {
        var missing = Path.Combine(_tool.Folder, "no", "report.html");
        Assert.Contains("no such folder", Fails(missing), StringComparison.Ordinal);
        Assert.Contains("is a folder", Fails(_tool.Folder), StringComparison.Ordinal);

        static string Fails(string page) => TestTool.Fails(1, "report", "no-model", "--tasks", "no-tasks", "--html", page);
    }

    [Fact]
    public void AnAxisHasRoundTicksAndAllValues()
    {
        var axis = PlotAxis.Of("", [71.2, 88.4], fromZero: false);
        Assert.Equal(["70", "75", "80", "85"], axis.Ticks.Select(tick => tick.Text));
        Assert.True(axis.Low < 71.2 && axis.High > 88.4);
        Assert.Equal(["0.0", "0.1", "0.2"], PlotAxis.Of("", [0.2], fromZero: true, count: 2).Ticks.Select(tick => tick.Text));
        foreach (var value in (double[])[0, 1e-7, -5, 1e12])
            Assert.InRange(PlotAxis.Of("", [value, value], fromZero: false).Ticks.Count, 1, 12);
    }

    /// <summary>The plot is 100 pixels wide and 50 high between its margins, so that a pixel is a unit.</summary>
    [Fact]
    public void ShapesLieWhereTheirValuesAre()
    {
        var canvas = new PlotCanvas(20 + 100 + 16, 14 + 50 + 44, new PlotAxis("x", 0, 100, []), new PlotAxis("y", 0, 50, []), 20);
        canvas.Bar(25, 60, 9);
        canvas.Mark(30, 40, 5, size: 8);
        canvas.Line([(0, 0), (100, 50)], 2);
        var svg = canvas.ToSvg("id", "title", "text");
        var bar = svg.Element(Svg + "rect")!;
        Assert.Equal(["20", "38.65", "60", "0.7", "fill:var(--s1)"], bar.Attributes().Select(attribute => attribute.Value));
        Assert.Equal(["50", "24", "4", "fill:var(--s5)"], svg.Element(Svg + "circle")!.Attributes().Select(attribute => attribute.Value));
        Assert.Equal("20,64 120,14", svg.Element(Svg + "polyline")!.Attribute("points")!.Value);
    }

    private static List<List<string>> Rows(XDocument page, string caption) =>
        [.. page.Descendants(Html + "caption").Single(element => element.Attribute("id")!.Value == caption).Parent!
            .Element(Html + "tbody")!.Elements().Select(row => row.Elements().Select(cell => cell.Value).ToList())];

    private XDocument Write()
    {
        var run = TestTool.Run("report", _tool.Model, _other.Model, "--tasks", Tasks, "--seconds", "0", "--html", Page);
        Assert.Equal((0, ""), (run.Code, run.Error));
        return XDocument.Load(Page);
    }

    [GeneratedRegex(@"url\([^)]*\)")]
    private static partial Regex Url();

    [GeneratedRegex(@"var\((--[a-z0-9]+)\)")]
    private static partial Regex Variable();
}
