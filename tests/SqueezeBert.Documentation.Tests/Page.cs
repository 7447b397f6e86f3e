using SqueezeBert.Release.Tests;

namespace SqueezeBert.Documentation.Tests;

/// <summary>A page of the documentation: a Markdown file of the repository that people read.</summary>
/// <param name="Path">The path inside the repository, with forward slashes.</param>
internal sealed record Page(string Path)
{
    private const string Fence = "```";

    /// <summary>README.md and its neighbours, docs, the list of recipes, the cards of the models and the pages of the packages.</summary>
    public static IReadOnlyList<Page> All { get; } = [.. Find().Order(StringComparer.Ordinal).Select(path => new Page(path))];

    public IReadOnlyList<string> Lines { get; } = File.ReadAllLines(System.IO.Path.Combine(Repository.Root, Path));

    /// <summary>The fenced blocks in the order of the page.</summary>
    public IReadOnlyList<Block> Blocks => [.. FindBlocks()];

    /// <summary>The lines outside of blocks, with their numbers counted from one.</summary>
    public IEnumerable<(int Number, string Text)> Prose
    {
        get
        {
            var blocks = Blocks;
            for (var i = 0; i < Lines.Count; i++)
            {
                if (!blocks.Any(block => block.Line - 1 <= i && i <= block.End)) yield return (i + 1, Lines[i]);
            }
        }
    }

    /// <summary>Whether the page is on the site. The pages of packages are shown where packages are.</summary>
    public bool IsOnSite => !Path.StartsWith("src/", StringComparison.Ordinal);

    private static IEnumerable<string> Find()
    {
        var files = Directory.EnumerateFiles(Repository.Root, "*.md");
        files = files.Concat(Directory.EnumerateDirectories(System.IO.Path.Combine(Repository.Root, "src"))
            .Select(folder => System.IO.Path.Combine(folder, "README.md")).Where(File.Exists));
        foreach (var folder in new[] { "docs", "models", "recipes" })
        {
            files = files.Concat(Directory.EnumerateFiles(
                System.IO.Path.Combine(Repository.Root, folder), "*.md", SearchOption.AllDirectories));
        }

        return files.Select(file => System.IO.Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'));
    }

    private IEnumerable<Block> FindBlocks()
    {
        for (var i = 0; i < Lines.Count; i++)
        {
            if (!Lines[i].StartsWith(Fence, StringComparison.Ordinal)) continue;
            var end = i + 1;
            while (end < Lines.Count && Lines[end] != Fence) end++;
            yield return new Block(i + 1, end, Lines[i][Fence.Length..].Trim(), string.Join('\n', Lines.Skip(i + 1).Take(end - i - 1)));
            i = end;
        }
    }

    public override string ToString() => Path;
}
