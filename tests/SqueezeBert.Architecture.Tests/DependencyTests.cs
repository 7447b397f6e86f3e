using SqueezeBert.Release.Tests;

namespace SqueezeBert.Architecture.Tests;

/// <summary>Folders follow the data's way: docs/architecture.md says which may use which, and nothing goes in circles.</summary>
public sealed class DependencyTests
{
    /// <summary>Files that all use each other: from this many on, a stranger cannot read one without the others.</summary>
    private const int MaxKnot = 9;

    private static readonly ILookup<string, (string Folder, string Why)> Used = SourceTree.Instance.Uses
        .SelectMany(file => file.Value.Select(use => (
            From: SourceTree.FolderOf(file.Key), To: SourceTree.FolderOf(use.Key), Why: $"{file.Key} uses {use.Value}")))
        .Where(edge => edge.From != edge.To)
        .ToLookup(edge => edge.From, edge => (edge.To, edge.Why));

    [Fact]
    public void FoldersDoNotUseEachOtherInCircles()
    {
        var folders = SourceTree.Instance.Uses.Keys.Select(SourceTree.FolderOf).Distinct().Order(StringComparer.Ordinal);
        var cycles = Cycles.Find(folders, folder => Used[folder].Select(use => use.Folder).Distinct());
        Assert.True(cycles.Count == 0, string.Join('\n', cycles.Select(Explain)));

        static string Explain(IReadOnlyList<string> cycle) => $"{string.Join(", ", cycle)}:\n" + string.Join('\n',
            from folder in cycle
            from use in Used[folder]
            where cycle.Contains(use.Folder)
            select $"  {use.Why}");
    }

    [Fact]
    public void FewFilesUseEachOtherInCircles()
    {
        var files = SourceTree.Instance.Uses;
        var knots = Cycles.Find(files.Keys.Order(StringComparer.Ordinal), file => files[file].Keys.Where(files.ContainsKey));
        Assert.DoesNotContain(knots, knot => knot.Count > MaxKnot);
    }

    [Fact]
    public void TheTableOfTheArchitectureIsTrue()
    {
        var table = FolderTable.Read(Path.Combine(Repository.Root, "docs", "architecture.md"));
        var folders = SourceTree.Instance.Uses.Keys.Select(SourceTree.FolderOf).Where(folder => folder.Contains('/')).Distinct();
        Assert.Equal(folders.Order(StringComparer.Ordinal), table.Keys.Order(StringComparer.Ordinal));
        foreach (var (folder, allowed) in table)
        {
            var project = folder.Split('/')[0];
            var used = Used[folder].Where(use => use.Folder.StartsWith(project + "/", StringComparison.Ordinal)).ToList();
            Assert.All(
                used, use => Assert.True(allowed.Contains(use.Folder), $"{use.Why}, which docs/architecture.md does not allow {folder}"));
            Assert.All(allowed,
                one => Assert.True(used.Exists(use => use.Folder == one),
                    $"docs/architecture.md allows {folder} to use {one}, which it does not"));
        }
    }

    [Fact]
    public void CirclesAreFound()
    {
        Dictionary<string, string[]> graph = new() { ["a"] = ["b"], ["b"] = ["c"], ["c"] = ["b", "d"], ["d"] = [] };
        Assert.Equal([["b", "c"]], Cycles.Find(graph.Keys, node => graph[node]));
    }
}
