using SqueezeBert.Release.Tests;

namespace SqueezeBert.Documentation.Tests;

/// <summary>
/// What the site is made of, in one folder: README.md as the first page, docs, the models' cards, what they link to, and the assemblies
/// with their documentation comments.
/// </summary>
internal static class SiteFolder
{
    /// <summary>artifacts/site-source, made anew; docfx writes the site into artifacts/site beside it.</summary>
    public static string Make()
    {
        var folder = Path.Combine(Repository.Root, "artifacts", "site-source");
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        foreach (var page in Page.All.Where(page => page.IsOnSite)) Copy(page.Path, folder);
        foreach (var path in LinkedFiles()) Copy(path, folder);
        foreach (var path in new[] { "llms.txt", "docs/toc.yml" }) Copy(path, folder);
        var site = Path.Combine(Repository.Root, "docs", "site");
        foreach (var file in Directory.EnumerateFiles(site, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder, Path.GetRelativePath(site, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        File.Move(Path.Combine(folder, "README.md"), Path.Combine(folder, "index.md"));
        File.WriteAllText(Path.Combine(folder, "README.md"), "---\nredirect_url: index.html\n---\n");

        var assemblies = Directory.CreateDirectory(Path.Combine(folder, "assemblies")).FullName;
        var own = typeof(SiteFolder).Assembly.GetName().Name!;
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            var name = Path.GetFileName(file);
            if (Path.GetExtension(name) is ".dll" or ".xml" && !name.StartsWith(own, StringComparison.Ordinal))
                File.Copy(file, Path.Combine(assemblies, name));
        }

        return folder;
    }

    /// <summary>Files that are no pages, to which pages link.</summary>
    private static IEnumerable<string> LinkedFiles() => Page.All.Where(page => page.IsOnSite)
        .SelectMany(page => PageLinks.Of(page.Prose.Select(line => line.Text)).Select(target => PageLinks.File(page.Path, target)))
        .OfType<string>()
        .Where(path => File.Exists(Path.Combine(Repository.Root, path)) && !path.EndsWith(".md", StringComparison.Ordinal))
        .Except(["llms.txt"])
        .Distinct();

    private static void Copy(string path, string folder)
    {
        var target = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(Path.Combine(Repository.Root, path), target);
    }
}
