using SqueezeBert.Release.Tests;

namespace SqueezeBert.Architecture.Tests;

/// <summary>What a reader relies on to find things: namespaces, and lines that fit the window.</summary>
public sealed class NamingTests
{
    private const int MaxLineLength = 140;

    /// <summary>What users import: few namespaces, whatever folder a type lies in.</summary>
    private static readonly string[] PublicNamespaces =
    [
        "SqueezeBert",
        "SqueezeBert.Assistant",
        "SqueezeBert.Checkpoints",
        "SqueezeBert.Evaluation",
        "SqueezeBert.Extensions",
        "SqueezeBert.Extensions.AI",
        "SqueezeBert.Hub",
        "SqueezeBert.Inference",
        "SqueezeBert.Models",
        "SqueezeBert.Server",
        "SqueezeBert.Tokenization",
        "SqueezeBert.Training",
    ];

    [Fact]
    public void PublicTypesAreInTheNamespacesThatUsersImport() =>
        Assert.All(SourceTree.Instance.Types.Where(type => type.IsPublic), type => Assert.Contains(type.Namespace, PublicNamespaces));

    [Fact]
    public void NamespacesOfInternalTypesAreTheirFolders() => Assert.All(
        SourceTree.Instance.Types.Where(type => !type.IsPublic),
        type => Assert.Equal(Path.GetDirectoryName(type.File)!.Replace('\\', '/').Replace('/', '.'), type.Namespace));

    [Fact]
    public void LinesFitTheWindow()
    {
        string[] tops = ["src", "tests", "benchmarks", "samples", "tools"];
        var files = tops.Select(top => Path.Combine(Repository.Root, top)).Where(Directory.Exists)
            .SelectMany(top => Directory.EnumerateFiles(top, "*.cs", SearchOption.AllDirectories))
            .Where(file => !Path.GetRelativePath(Repository.Root, file).Split('/', '\\').Any(part => part is "obj" or "bin"));
        var tooLong = from file in files
                      from line in Code(File.ReadLines(file))
                      where line.Text.Length > MaxLineLength
                      select $"{Path.GetRelativePath(Repository.Root, file)}({line.Number}): {line.Text.Length} columns";
        Assert.Empty(tooLong);
    }

    /// <summary>All lines but those of raw strings, whose line ends are part of what they say.</summary>
    private static IEnumerable<(int Number, string Text)> Code(IEnumerable<string> lines)
    {
        var isInside = false;
        foreach (var (number, text) in lines.Index())
        {
            var quotes = text.Split("\"\"\"").Length - 1;
            if (!isInside && quotes == 0) yield return (number + 1, text);
            if (quotes % 2 == 1) isInside = !isInside;
        }
    }
}
