using System.Text.RegularExpressions;

namespace SqueezeBert.Benchmarks.Published;

/// <summary>Real texts: the lines of a file, or the sentences of the repository's documentation.</summary>
internal static partial class Sentences
{
    private const int MinimumWords = 4;
    private const string Solution = "SqueezeBert.slnx";

    /// <summary>The lines of a file that are not blank.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static IReadOnlyList<string> OfLines(string file)
    {
        var lines = File.ReadLines(file).Where(line => !string.IsNullOrWhiteSpace(line)).ToList();
        return lines.Count > 0 ? lines : throw new ArgumentException($"{file} has no texts; it should have one per line");
    }

    /// <summary>The sentences of the documentation of the repository that this program was built in.</summary>
    /// <exception cref="ArgumentException">The program does not lie in a repository.</exception>
    public static IReadOnlyList<string> OfDocumentation()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, Solution))) continue;
            var files = Directory.EnumerateFiles(Path.Combine(folder.FullName, "docs"), "*.md", SearchOption.AllDirectories);
            return [.. files.Order(StringComparer.Ordinal).SelectMany(file => OfMarkdown(File.ReadLines(file))).Distinct()];
        }

        throw new ArgumentException("there is no documentation above the program; give a file of texts with --texts");
    }

    /// <summary>Sentences of four words and more; code, tables and headings are not read. Each line is read by itself.</summary>
    public static IEnumerable<string> OfMarkdown(IEnumerable<string> lines)
    {
        var isCode = false;
        foreach (var line in lines)
        {
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                isCode = !isCode;
                continue;
            }

            if (isCode || line.Length == 0 || line[0] is '#' or '|' || line.StartsWith("    ", StringComparison.Ordinal)) continue;
            foreach (var sentence in SentenceEnd().Split(line.TrimStart(' ', '*', '-')))
            {
                if (sentence.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length >= MinimumWords) yield return sentence.Trim();
            }
        }
    }

    [GeneratedRegex(@"(?<=[.!?])\s+(?=\p{Lu})")]
    private static partial Regex SentenceEnd();
}
