using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace SqueezeBert.Cli.Pages;

/// <summary>Makes an SVG that was drawn alone one of several of a page, in its colours.</summary>
internal static partial class PlotSvg
{
    /// <summary>Replaces colours by variables of the page's style sheet, and makes the names inside of it unique.</summary>
    /// <param name="svg">The drawing; changed.</param>
    /// <param name="id">Unique on the page.</param>
    public static void Adopt(XElement svg, string id)
    {
        svg.Attributes().Where(attribute => attribute.IsNamespaceDeclaration && attribute.Name.LocalName != "xmlns").Remove();
        foreach (var attribute in svg.DescendantsAndSelf().Attributes().ToList())
        {
            var name = attribute.Name.LocalName;
            if (name == "id") attribute.Value = $"{id}-{attribute.Value}";
            else if (name == "clip-path") attribute.Value = Reference().Replace(attribute.Value, $"url(#{id}-$1)");
            else if (name is "fill" or "stroke" && PlotColors.Variable(attribute.Value) is { } variable) Style(attribute, variable);
        }
    }

    // A presentation attribute with a variable is not read by every browser, a style is.
    private static void Style(XAttribute attribute, string variable)
    {
        var element = attribute.Parent!;
        var style = (string?)element.Attribute("style");
        element.SetAttributeValue("style", $"{style}{(style is null ? "" : ";")}{attribute.Name.LocalName}:{variable}");
        attribute.Remove();
    }

    [GeneratedRegex(@"url\(#([^)]+)\)")]
    private static partial Regex Reference();
}
