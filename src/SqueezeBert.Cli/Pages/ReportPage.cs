using System.Text;
using System.Xml;
using System.Xml.Linq;
using SqueezeBert.Cli.Reports;
using static SqueezeBert.Cli.Pages.PageElements;

namespace SqueezeBert.Cli.Pages;

/// <summary>Writes a report as one page of HTML: no script, no other file, no other host.</summary>
internal static class ReportPage
{
    private const string Title = "What small encoders reach, and what they cost";

    /// <summary>Says early that a page cannot be written.</summary>
    /// <exception cref="DirectoryNotFoundException">The folder of the file does not exist.</exception>
    /// <exception cref="IOException">The file is a folder.</exception>
    public static void CheckFile(string path)
    {
        if (Directory.Exists(path)) throw new IOException($"{path}: is a folder; --html names a file");
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{folder}: no such folder, so that --html cannot write there");
    }

    /// <summary>Writes the page.</summary>
    /// <param name="path">The file; replaced.</param>
    /// <param name="content">What it says.</param>
    public static void Write(string path, ReportContent content)
    {
        var page = Page(content);
        using var file = new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        file.Write("<!DOCTYPE html>\n");
        using var xml = XmlWriter.Create(file, new XmlWriterSettings
        {
            OmitXmlDeclaration = true,
            Indent = true,
            IndentChars = " ",
            NewLineChars = "\n",
        });
        page.Save(xml);
    }

    private static XElement Page(ReportContent content)
    {
        var names = new ReportNames(content);
        XElement?[] sections =
        [
            ReportSections.Scores(content, names), ReportSections.Latency(content, names), ReportSections.Bars(content, names),
            ReportSections.Curves(content, names), ReportTables.Published(content, names), ReportTables.Slices(content, names),
            ReportTables.Confusions(content, names),
        ];
        var there = sections.OfType<XElement>().ToList();
        return Element("html", new XAttribute("lang", "en"),
            Element("head",
                Element("meta", new XAttribute("charset", "utf-8")),
                Element("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width, initial-scale=1")),
                Element("meta", new XAttribute("http-equiv", "Content-Security-Policy"),
                    new XAttribute("content", "default-src 'none'; style-src 'unsafe-inline'")),
                Element("title", Title),
                Element("style", PageStyle.Css)),
            Element("body",
                Element("a", Class("skip"), new XAttribute("href", "#content"), "Skip to the report"),
                Element("header", Element("h1", Title),
                    Element("nav", new XAttribute("aria-label", "Parts of the report"),
                        Element("ul", there.Select(section => section.Element(Html + "h2")!).Select(heading => Element("li", Element(
                            "a", new XAttribute("href", $"#{heading.Attribute("id")!.Value}"), heading.Value)))))),
                Element("main", new XAttribute("id", "content"), there),
                Element("footer", Element("p",
                    "Scores are in hundredths. Times are medians of one text alone on the machine that wrote the report."))));
    }
}
