using System.IO.Compression;
using System.Xml.Linq;

namespace SqueezeBert.Release.Tests.Packages;

/// <summary>
/// A folder with a fresh package of everything, packed once for all tests, and a package cache and a home of its own, so that what the
/// machine has installed plays no part.
/// </summary>
public sealed class PackageFeed : IDisposable
{
    /// <summary>Where the packages say that their repository is.</summary>
    public const string RepositoryUrl = "https://github.com/example/squeezebert";

    public PackageFeed()
    {
        Directory.CreateDirectory(Folder);
        Pack("SqueezeBert.slnx", Feed);
        WriteSources(Root, Feed);
        Version = Nuspec(File("SqueezeBert")).Descendants().Single(element => element.Name.LocalName == "version").Value;
    }

    /// <summary>An empty folder, in and below which only the fresh packages are found.</summary>
    public string Folder { get; } = Path.Combine(Directory.CreateTempSubdirectory("squeezebert-packages-").FullName, "empty");

    public string Feed => Path.Combine(Root, "feed");

    public string Version { get; }

    public (string Name, string Value)[] Environment =>
        [("NUGET_PACKAGES", Path.Combine(Root, "cache")), ("DOTNET_CLI_HOME", Path.Combine(Root, "home"))];

    private string Root => Path.GetDirectoryName(Folder)!;

    /// <summary>Packs what has been built.</summary>
    /// <param name="project">A solution or project, as a path in the clone.</param>
    /// <param name="output">The folder for the packages.</param>
    /// <param name="repositoryUrl">Where they say that their repository is.</param>
    public static void Pack(string project, string output, string repositoryUrl = RepositoryUrl) => Command.Run(Repository.Root, "dotnet",
        ["pack", project, "-c", Repository.Configuration, "--no-build", "-o", output, $"-p:RepositoryUrl={repositoryUrl}"]);

    /// <summary>The package with this id.</summary>
    public string File(string id) => Directory.EnumerateFiles(Feed, $"{id}.*.nupkg")
        .Single(file => char.IsAsciiDigit(Path.GetFileName(file)[id.Length + 1]));

    public static XDocument Nuspec(string package)
    {
        using var zip = ZipFile.OpenRead(package);
        using var stream = zip.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XDocument.Load(stream);
    }

    /// <summary>
    /// Lets a folder use packages that others have published as well, from where this build has put them, so that no network is needed.
    /// </summary>
    public void AddRestoredPackages(string folder)
    {
        var restored = System.Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } cache
            ? cache
            : Path.Combine(System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        WriteSources(folder, Feed, restored);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static void WriteSources(string folder, params string[] sources) => new XDocument(new XElement("configuration",
        new XElement("packageSources", new XElement("clear"), sources.Select((source, number) =>
            new XElement("add", new XAttribute("key", $"source-{number}"), new XAttribute("value", source))))))
        .Save(Path.Combine(folder, "nuget.config"));
}

/// <summary>The tests that share the packages; one at a time, because each builds.</summary>
[CollectionDefinition(Name)]
public sealed class PackageCollection : ICollectionFixture<PackageFeed>
{
    public const string Name = "packages";
}
