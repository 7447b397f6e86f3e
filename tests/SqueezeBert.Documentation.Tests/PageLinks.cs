using System.Text.RegularExpressions;
using SqueezeBert.Release.Tests;

namespace SqueezeBert.Documentation.Tests;

/// <summary>The links of a page.</summary>
internal static partial class PageLinks
{
    /// <summary>Their targets, outside of code.</summary>
    public static IEnumerable<string> Of(IEnumerable<string> lines) =>
        lines.SelectMany(line => Link().Matches(Code().Replace(line, ""))).Select(match => match.Groups[1].Value);

    /// <summary>The path inside the repository that a link of a page leads to; null if it leaves the repository.</summary>
    public static string? File(string path, string target)
    {
        if (target.Contains(':', StringComparison.Ordinal)) return null;
        var name = target.Split('#')[0];
        var file = name.Length == 0 ? path : Path.Combine(Path.GetDirectoryName(path)!, name);
        var full = Path.GetFullPath(file, Repository.Root);
        return full.StartsWith(Repository.Root + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? Path.GetRelativePath(Repository.Root, full).Replace('\\', '/')
            : null;
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex Code();
}
