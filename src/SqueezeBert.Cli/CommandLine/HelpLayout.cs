namespace SqueezeBert.Cli.CommandLine;

/// <summary>
/// Lays a help out for a terminal that is too narrow for two columns, which would cut words in two: a name a line, its description below,
/// lines broken between words.
/// </summary>
internal static class HelpLayout
{
    /// <summary>From here on a help fits in two columns.</summary>
    public const int ColumnsOfTwo = 80;

    /// <summary>A width that no line of a help reaches, so that each entry comes in one line.</summary>
    public const int Unbroken = 10_000;

    /// <summary>What stands above the command lines that are shown to be copied, which stay whole.</summary>
    public const string ExamplesTitle = "Examples:";

    private const int DescriptionIndent = 6;

    /// <summary>The help, with lines of at most <paramref name="width"/> where words allow it.</summary>
    /// <param name="help">A help whose lines are not broken.</param>
    /// <param name="width">Columns of the terminal.</param>
    public static string Narrow(string help, int width)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var isExample = false;
        foreach (var line in help.TrimEnd('\n').Split('\n'))
        {
            isExample |= line == ExamplesTitle;
            var text = line.TrimStart(' ');
            var indent = line.Length - text.Length;
            var gap = text.IndexOf("  ", StringComparison.Ordinal);
            if (isExample) output.WriteLine(line);
            else if (indent == 2 && gap > 0)
            {
                Wrap(output, text[..gap], indent, width);
                Wrap(output, text[gap..], DescriptionIndent, width);
            }
            else Wrap(output, text, Math.Min(indent, DescriptionIndent), width);
        }

        output.WriteLine();
        return output.ToString();
    }

    private static void Wrap(StringWriter output, string text, int indent, int width)
    {
        var column = 0;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (column > 0 && column + 1 + word.Length > width)
            {
                output.WriteLine();
                column = 0;
            }

            output.Write(column == 0 ? new string(' ', indent) : " ");
            output.Write(word);
            column += word.Length + (column == 0 ? indent : 1);
        }

        output.WriteLine();
    }
}
