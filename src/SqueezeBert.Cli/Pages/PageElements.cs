using System.Xml;
using System.Xml.Linq;

namespace SqueezeBert.Cli.Pages;

/// <summary>A cell of a table.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Class">How it looks; null: plain.</param>
/// <param name="Style">Values for the style sheet; null: none.</param>
internal sealed record PageCell(string Text, string? Class = null, string? Style = null)
{
    public static implicit operator PageCell(string text) => new(text);
}

/// <summary>Elements of a page that is HTML and XML at once.</summary>
internal static class PageElements
{
    public static readonly XNamespace Html = "http://www.w3.org/1999/xhtml";

    /// <summary>An element. It is never empty, since HTML has no short form of one.</summary>
    public static XElement Element(string name, params object?[] content)
    {
        var element = new XElement(Html + name, content);
        if (element.IsEmpty && name is not ("meta" or "br")) element.Add("");
        return element;
    }

    /// <summary>A class.</summary>
    public static XAttribute Class(string name) => new("class", name);

    /// <summary>Text without what XML cannot have: names of models and labels come from anywhere.</summary>
    public static string Text(string text)
    {
        if (text.All(character => XmlConvert.IsXmlChar(character))) return text;
        var clean = text.ToCharArray();
        for (var i = 0; i < clean.Length; i++)
        {
            if (i + 1 < clean.Length && char.IsSurrogatePair(clean[i], clean[i + 1])) i++;
            else if (!XmlConvert.IsXmlChar(clean[i])) clean[i] = '\uFFFD';
        }

        return new string(clean);
    }

    /// <summary>A table that scrolls by itself where the screen is narrow, also by keyboard.</summary>
    /// <param name="id">Of its caption; unique on the page.</param>
    /// <param name="caption">What it has.</param>
    /// <param name="headings">A heading a column.</param>
    /// <param name="rows">The first cell of a row is its heading.</param>
    public static XElement Table(
        string id, string caption, IReadOnlyList<PageCell> headings, IEnumerable<IReadOnlyList<PageCell>> rows) =>
        Element("div",
            Class("scroll"), new XAttribute("role", "region"), new XAttribute("aria-labelledby", id), new XAttribute("tabindex", 0),
            Element("table",
                Element("caption", new XAttribute("id", id), Element("span", Text(caption))),
                Element("thead", Element("tr", headings.Select(heading => Cell("th", "col", heading)))),
                Element("tbody", rows.Select(row => Element("tr", row.Index().Select(
                    cell => cell.Index == 0 ? Cell("th", "row", cell.Item) : Cell("td", null, cell.Item)))))));

    /// <summary>A plot with a caption that is seen.</summary>
    public static XElement Figure(XElement svg, params object[] caption) => Element("figure", Element("figcaption", caption), svg);

    /// <summary>A part of the page with its heading.</summary>
    public static XElement Section(string id, string heading, params object?[] content) => Element(
        "section", new XAttribute("aria-labelledby", id), Element("h2", new XAttribute("id", id), heading), content);

    private static XElement Cell(string name, string? scope, PageCell cell) => Element(
        name, scope is null ? null : new XAttribute("scope", scope), cell.Class is null ? null : Class(cell.Class),
        cell.Style is null ? null : new XAttribute("style", cell.Style), Text(cell.Text));
}
