using System.Text;

namespace SqueezeBert.Assistant.Definitions;

/// <summary>A sentence with names in braces, in whose place values stand.</summary>
internal static class ReplyTemplate
{
    /// <summary>The names, in the order of the sentence.</summary>
    public static IEnumerable<string> Names(string template)
    {
        for (var open = template.IndexOf('{'); open >= 0; open = template.IndexOf('{', open + 1))
        {
            var close = template.IndexOf('}', open);
            if (close < 0) yield break;
            yield return template[(open + 1)..close];
        }
    }

    /// <summary>The sentence with the values; what has none is left out.</summary>
    public static string Fill(string template, Func<string, string?> value)
    {
        var text = new StringBuilder();
        var place = 0;
        for (var open = template.IndexOf('{'); open >= 0; open = template.IndexOf('{', place))
        {
            var close = template.IndexOf('}', open);
            if (close < 0) break;
            text.Append(template, place, open - place).Append(value(template[(open + 1)..close]));
            place = close + 1;
        }

        text.Append(template, place, template.Length - place);
        return string.Join(' ', text.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}
