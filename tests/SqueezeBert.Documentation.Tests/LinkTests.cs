using System.Text;
using SqueezeBert.Release.Tests;

namespace SqueezeBert.Documentation.Tests;

/// <summary>Links between pages lead to a file, and to a heading of it.</summary>
public sealed class LinkTests
{
    [Fact]
    public void LinksLeadSomewhere()
    {
        var links = Page.All.Sum(page => Check(page.Path, page.Prose.Select(line => line.Text)));
        Assert.True(links > 200, $"{links} links");
    }

    [Fact]
    public void TheListForAssistantsLeadsSomewhere() =>
        Assert.True(Check("llms.txt", File.ReadLines(Path.Combine(Repository.Root, "llms.txt"))) > 15);

    /// <summary>docs/index.md for readers of the repository, docs/toc.yml for the side of the site.</summary>
    [Theory]
    [InlineData("index.md", "]({0})")]
    [InlineData("toc.yml", "href: {0}\n")]
    public void EveryPageIsOnTheListOfPages(string name, string form)
    {
        var list = File.ReadAllText(Path.Combine(Repository.Root, "docs", name)).ReplaceLineEndings("\n");
        foreach (var page in Page.All.Where(page => page.IsOnSite && page.Path.Contains('/', StringComparison.Ordinal)
            && page.Path != "docs/index.md"))
        {
            var link = Path.GetRelativePath("docs", page.Path).Replace('\\', '/');
            Assert.True(list.Contains(form.Replace("{0}", link, StringComparison.Ordinal), StringComparison.Ordinal),
                $"docs/{name} has no link to {page}");
        }
    }

    [Fact]
    public void EveryRecipeIsOnTheListOfRecipes()
    {
        var folder = Path.Combine(Repository.Root, "recipes");
        var list = File.ReadAllText(Path.Combine(folder, "README.md"));
        var recipes = Directory.GetFiles(folder, "*.json");
        Assert.NotEmpty(recipes);
        foreach (var name in recipes.Select(Path.GetFileName))
            Assert.True(list.Contains($"[{name}]({name})", StringComparison.Ordinal), $"recipes/README.md has no link to {name}");
    }

    [Fact]
    public void AMissingFileOrHeadingIsFound()
    {
        Assert.NotNull(Fault("README.md", "docs/nosuch.md"));
        Assert.NotNull(Fault("README.md", "docs/tokenizer.md#nosuch"));
        Assert.NotNull(Fault("README.md", "../README.md"));
        Assert.Null(Fault("docs/tokenizer.md", "../README.md"));
        Assert.Null(Fault("docs/models.md", "tokenizer.md#files"));
        Assert.Null(Fault("docs/tokenizer.md", "#files"));
    }

    private static int Check(string path, IEnumerable<string> lines)
    {
        var count = 0;
        foreach (var target in PageLinks.Of(lines))
        {
            count++;
            var fault = Fault(path, target);
            Assert.True(fault is null, $"{path}: {target}: {fault}");
        }

        return count;
    }

    /// <summary>Why a link of a page leads nowhere, or null. Links to other sites are not followed, since tests need no network.</summary>
    private static string? Fault(string path, string target)
    {
        if (target.StartsWith("https://", StringComparison.Ordinal)) return null;
        if (PageLinks.File(path, target) is not { } file) return "leaves the repository";
        var full = Path.Combine(Repository.Root, file);
        if (!File.Exists(full) && !Directory.Exists(full)) return "no such file";
        var parts = target.Split('#', 2);
        if (parts.Length == 1) return null;
        return Anchors(Page.All.Single(page => page.Path == file)).Contains(parts[1]) ? null : "no such heading";
    }

    /// <summary>The anchors that GitHub gives the headings of a page.</summary>
    private static HashSet<string> Anchors(Page page)
    {
        var anchors = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (_, text) in page.Prose.Where(line => line.Text.StartsWith('#')))
        {
            var anchor = new StringBuilder();
            foreach (var unit in text.TrimStart('#').Trim().ToLowerInvariant())
            {
                if (char.IsLetterOrDigit(unit) || unit is '-' or '_') anchor.Append(unit);
                else if (unit == ' ') anchor.Append('-');
            }

            var name = anchor.ToString();
            for (var i = 1; !anchors.Add(name); i++) name = $"{anchor}-{i}";
        }

        return anchors;
    }
}
