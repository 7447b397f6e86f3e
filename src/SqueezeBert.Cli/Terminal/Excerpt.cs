using System.Text;

namespace SqueezeBert.Cli.Terminal;

/// <summary>Texts as they are shown to people.</summary>
internal static class Excerpt
{
    private const int MaxCharacters = 72;

    /// <summary>The beginning of a text, on one line that a terminal shows as it is.</summary>
    public static string Of(string text, int length = MaxCharacters)
    {
        var line = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (line.Length >= length) return line.Append('…').ToString();
            var isSpace = Rune.IsWhiteSpace(rune) || Rune.IsControl(rune);
            if (!isSpace) line.Append(rune.ToString());
            else if (line.Length > 0 && line[^1] != ' ') line.Append(' ');
        }

        return line.ToString().TrimEnd();
    }
}
