using System.IO.Compression;
using System.Reflection.Metadata;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SqueezeBert.Release.Tests.Packages;

/// <summary>What a package shows of itself: its page, its licence, its sources; and that packing again gives the same bytes.</summary>
[Collection(PackageCollection.Name)]
public sealed partial class PackageTextTests(PackageFeed packages)
{
    [Fact]
    public void APackageHasAPageAnIconALicenceTagsNotesAndARepository()
    {
        foreach (var file in Directory.EnumerateFiles(packages.Feed, "*.nupkg"))
        {
            using var zip = ZipFile.OpenRead(file);
            var nuspec = PackageFeed.Nuspec(file).Descendants().ToLookup(element => element.Name.LocalName);
            string Text(string name) => nuspec[name].Single().Value;
            Assert.Equal("README.md", Text("readme"));
            Assert.NotNull(zip.GetEntry("README.md"));
            Assert.Equal("icon.png", Text("icon"));
            Assert.Equal(File.ReadAllBytes(Path.Combine(Repository.Root, "packaging", "icon.png")), Bytes(zip, "icon.png"));
            Assert.Equal(File.ReadAllBytes(Path.Combine(Repository.Root, "LICENSE")), Bytes(zip, "LICENSE"));
            Assert.Equal(PackageFeed.RepositoryUrl, Text("projectUrl"));
            Assert.Equal(PackageFeed.RepositoryUrl, nuspec["repository"].Single().Attribute("url")!.Value);
            Assert.Matches("^[0-9a-f]{40}$", nuspec["repository"].Single().Attribute("commit")!.Value);
            Assert.InRange(Text("description").Length, 50, 400);
            Assert.True(Text("tags").Split(' ').Length >= 6, $"{file}: {Text("tags")}");
            Assert.StartsWith("### Added", Text("releaseNotes"), StringComparison.Ordinal);
            Assert.DoesNotContain("\n## ", Text("releaseNotes"), StringComparison.Ordinal);
            Assert.InRange(Text("releaseNotes").Length, 1000, 35_000);
        }
    }

    /// <summary>Links lead to files of the release, which are there; none is relative, because a package's page has no folder.</summary>
    [Fact]
    public void LinksAreAbsoluteAndLeadToFiles()
    {
        var files = $"{PackageFeed.RepositoryUrl}/blob/v{packages.Version}/";
        var count = 0;
        foreach (var file in Directory.EnumerateFiles(packages.Feed, "*.nupkg"))
        {
            using var zip = ZipFile.OpenRead(file);
            var notes = PackageFeed.Nuspec(file).Descendants().Single(element => element.Name.LocalName == "releaseNotes").Value;
            foreach (Match link in Link().Matches(System.Text.Encoding.UTF8.GetString(Bytes(zip, "README.md")) + notes))
            {
                var address = link.Groups[1].Value;
                Assert.StartsWith("https://", address, StringComparison.Ordinal);
                if (!address.StartsWith(files, StringComparison.Ordinal)) continue;
                var path = address[files.Length..].Split('#')[0];
                Assert.True(File.Exists(Path.Combine(Repository.Root, path)), $"{Path.GetFileName(file)} links to {path}");
                count++;
            }
        }

        Assert.True(count > 50, $"{count} links");
    }

    [Fact]
    public void WithoutARepositoryThereAreNoLinks()
    {
        var folder = Path.Combine(packages.Folder, "no-repository");
        PackageFeed.Pack("src/SqueezeBert.Models", folder, repositoryUrl: "");
        using var zip = ZipFile.OpenRead(Directory.EnumerateFiles(folder, "*.nupkg").Single());
        var page = System.Text.Encoding.UTF8.GetString(Bytes(zip, "README.md"));
        Assert.Contains("A sentiment model for SqueezeBERT for .NET, as files", page, StringComparison.Ordinal);
        Assert.Empty(Link().Matches(page));
    }

    [Fact]
    public void PackingAgainGivesTheSameBytes()
    {
        var folder = Path.Combine(packages.Folder, "again");
        foreach (var project in (string[])["src/SqueezeBert", "src/SqueezeBert.Models", "src/SqueezeBert.Cli", "templates"])
            PackageFeed.Pack(project, folder);
        var files = Directory.EnumerateFiles(folder).Select(Path.GetFileName).ToList();
        Assert.Equal(6, files.Count);
        Assert.All(files, name => Assert.Equal(
            File.ReadAllBytes(Path.Combine(packages.Feed, name!)), File.ReadAllBytes(Path.Combine(folder, name!))));
    }

    /// <summary>Every library has symbols in a package of their own, which belong to its assembly; the tool has them inside.</summary>
    [Fact]
    public void LibrariesHaveSymbols()
    {
        var libraries = Directory.EnumerateFiles(packages.Feed, "*.nupkg").Select(Path.GetFileNameWithoutExtension)
            .Where(name => !name!.StartsWith("SqueezeBert.Cli.", StringComparison.Ordinal)
                && !name.StartsWith("SqueezeBert.Templates.", StringComparison.Ordinal))
            .Order().ToList();
        Assert.Equal(libraries, Directory.EnumerateFiles(packages.Feed, "*.snupkg").Select(Path.GetFileNameWithoutExtension).Order());
        foreach (var name in libraries)
        {
            using var library = ZipFile.OpenRead(Path.Combine(packages.Feed, $"{name}.nupkg"));
            using var symbols = ZipFile.OpenRead(Path.Combine(packages.Feed, $"{name}.snupkg"));
            var assembly = library.Entries.Single(entry => entry.Name.EndsWith(".dll", StringComparison.Ordinal));
            using var reader = new System.Reflection.PortableExecutable.PEReader(new MemoryStream(Bytes(library, assembly.FullName)));
            var wanted = reader.ReadDebugDirectory()
                .First(entry => entry.Type == System.Reflection.PortableExecutable.DebugDirectoryEntryType.CodeView);
            using var provider = MetadataReaderProvider.FromPortablePdbStream(
                new MemoryStream(Bytes(symbols, Path.ChangeExtension(assembly.FullName, ".pdb"))));
            var id = new BlobContentId(provider.GetMetadataReader().DebugMetadataHeader!.Id);
            Assert.Equal(reader.ReadCodeViewDebugDirectoryData(wanted).Guid, id.Guid);
        }
    }

    /// <summary>What the compiler puts into the symbols, so that a debugger fetches the sources of the release.</summary>
    [Fact]
    public void SymbolsLeadToTheSources()
    {
        var output = Directory.CreateDirectory(Path.Combine(packages.Folder, "source-link")).FullName;
        Command.Run(Repository.Root, "dotnet",
        [
            "msbuild", "src/SqueezeBert", "-t:GenerateSourceLinkFile", $"-p:RepositoryUrl={PackageFeed.RepositoryUrl}",
            $"-p:IntermediateOutputPath={output}/",
        ]);
        using var link = JsonDocument.Parse(File.ReadAllText(Directory.EnumerateFiles(output, "*.sourcelink.json").Single()));
        var (path, address) = link.RootElement.GetProperty("documents").EnumerateObject()
            .Select(property => (property.Name, property.Value.GetString()!)).Single();
        Assert.Matches("^https://raw.githubusercontent.com/example/squeezebert/[0-9a-f]{40}/\\*$", address);

        // A build that is told to be one of continuous integration (CI=true) maps the folder to /_/, so that its place does not show.
        Assert.Contains(path, (string[])[Path.Combine(Repository.Root, "*"), "/_/*"]);
    }

    private static byte[] Bytes(ZipArchive zip, string name)
    {
        using var stream = zip.GetEntry(name)!.Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    [GeneratedRegex(@"\]\(([^)]+)\)")]
    private static partial Regex Link();
}
