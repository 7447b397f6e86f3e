using System.Net;
using System.Text.RegularExpressions;
using SqueezeBert.Release.Tests;

namespace SqueezeBert.Documentation.Tests;

/// <summary>Makes the site with docfx, without a warning, and follows its links. It stays in artifacts/site to be looked at.</summary>
public sealed partial class SiteTests(SiteTests.Site site) : IClassFixture<SiteTests.Site>
{
    [Fact]
    public void NothingIsWarnedOf()
    {
        Assert.DoesNotContain(site.Output.Split('\n'), line => line.Contains("warning: ", StringComparison.Ordinal)
            || line.Contains(": warning ", StringComparison.Ordinal));
        Assert.Contains("Build succeeded.", site.Output, StringComparison.Ordinal);
        Assert.Contains("0 warning(s)", site.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("index.html", "dotnet add package SqueezeBert.Models.Embeddings")]
    [InlineData("docs/index.html", "Every page of this documentation")]
    [InlineData("docs/guides/label-tickets.html", "Label my tickets")]
    [InlineData("docs/results/amd-zen-5.html", "SqueezeBERT-base")]
    [InlineData("models/sentiment/README.html", "SST-2")]
    [InlineData("api/SqueezeBert.TextClassifier.html", "Classify")]
    [InlineData("api/SqueezeBert.Training.Trainer.html", "Run")]
    [InlineData("api/SqueezeBert.Server.html", "SqueezeBertServerOptions")]
    public void APageIsThere(string path, string text) =>
        Assert.Contains(text, File.ReadAllText(Path.Combine(Site.Folder, path)), StringComparison.Ordinal);

    [Fact]
    public void LinksOfTheSiteLeadSomewhere()
    {
        var files = Directory.EnumerateFiles(Site.Folder, "*", SearchOption.AllDirectories).ToHashSet(StringComparer.Ordinal);
        var anchors = files.Where(file => file.EndsWith(".html", StringComparison.Ordinal)).ToDictionary(file => file,
            file => Identifier().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal));
        var broken = new List<string>();
        var count = 0;
        foreach (var file in anchors.Keys)
        {
            foreach (Match reference in Reference().Matches(File.ReadAllText(file)))
            {
                var target = WebUtility.HtmlDecode(reference.Groups[1].Value);
                if (target.Length == 0 || target.Contains("//", StringComparison.Ordinal)) continue;
                count++;
                var parts = target.Split('#', 2);
                var path = Uri.UnescapeDataString(parts[0].Split('?')[0]);
                var full = path.Length == 0 ? file : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, path));
                var isFound = files.Contains(full)
                    && (parts.Length == 1 || parts[1].Length == 0 || !anchors.TryGetValue(full, out var known) || known.Contains(parts[1]));
                if (!isFound) broken.Add($"{Path.GetRelativePath(Site.Folder, file)}: {target}");
            }
        }

        Assert.True(broken.Count == 0, string.Join('\n', broken.Take(50)));
        Assert.True(count > 3000, $"{count} links");
    }

    [GeneratedRegex(""" (?:href|src)="([^"]*)" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Reference();

    [GeneratedRegex(""" \bid="([^"]*)" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Identifier();

    /// <summary>The site, made once for all tests. docfx is the local tool of the repository's manifest.</summary>
    public sealed class Site
    {
        public Site()
        {
            var source = SiteFolder.Make();
            if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
            Command.Run(Repository.Root, "dotnet", ["tool", "restore"]);
            Output = Command.Run(Repository.Root, "dotnet", ["docfx", Path.Combine(source, "docfx.json")]);
        }

        public static string Folder { get; } = Path.Combine(Repository.Root, "artifacts", "site");

        /// <summary>What docfx has said.</summary>
        public string Output { get; }
    }
}
