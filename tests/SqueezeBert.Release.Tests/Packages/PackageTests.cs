using System.IO.Compression;
using System.Xml.Linq;

namespace SqueezeBert.Release.Tests.Packages;

/// <summary>Which packages there are, what they need, and where the weights are.</summary>
[Collection(PackageCollection.Name)]
public sealed class PackageTests(PackageFeed packages)
{
    [Fact]
    public void APackageForEachPart() => Assert.Equal(
        [
            "SqueezeBert", "SqueezeBert.Assistant", "SqueezeBert.Cli", "SqueezeBert.Evaluation", "SqueezeBert.Extensions",
            "SqueezeBert.Extensions.AI", "SqueezeBert.Gradients", "SqueezeBert.Models", "SqueezeBert.Models.Assistant",
            "SqueezeBert.Models.Embeddings", "SqueezeBert.Server", "SqueezeBert.Templates", "SqueezeBert.Training",
        ],
        Directory.EnumerateFiles(packages.Feed, "*.nupkg")
            .Select(file => PackageFeed.Nuspec(file).Descendants().Single(e => e.Name.LocalName == "id").Value).Order());

    [Fact]
    public void TheLibraryDependsOnNothing() => Assert.DoesNotContain(
        PackageFeed.Nuspec(packages.File("SqueezeBert")).Descendants(), element => element.Name.LocalName == "dependency");

    /// <summary>Another version's internals are others: the package manager must not put them together.</summary>
    [Fact]
    public void APackageThatCallsAnothersInternalsNeedsItsVersion()
    {
        var projects = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Select(path => (Id: Path.GetFileNameWithoutExtension(path), Project: XDocument.Load(path)))
            .Where(project => project.Id != "SqueezeBert.Cli")
            .Where(project => project.Project.Descendants("IsPackable").All(element => element.Value != "false"))
            .ToList();
        var count = 0;
        foreach (var (id, project) in projects)
        {
            foreach (var friend in project.Descendants("InternalsVisibleTo").Select(element => element.Attribute("Include")!.Value))
            {
                // A tool brings its assemblies, and tests are no package.
                if (projects.All(other => other.Id != friend)) continue;
                var dependency = PackageFeed.Nuspec(packages.File(friend)).Descendants()
                    .SingleOrDefault(element => element.Name.LocalName == "dependency" && element.Attribute("id")!.Value == id);
                Assert.True(dependency is not null, $"{friend} calls internals of {id}, which it does not depend on");
                Assert.Equal((friend, id, $"[{packages.Version}]"), (friend, id, dependency.Attribute("version")!.Value));
                count++;
            }
        }

        Assert.True(count >= 4, $"{count} pairs");
    }

    /// <summary>
    /// A package of weights has one model with its card, and its notice is the package's licence; other packages have none.
    /// </summary>
    [Fact]
    public void WeightsAreInPackagesOfTheirOwnAndSmall()
    {
        var models = new Dictionary<string, (string Folder, long Bytes)>
        {
            ["SqueezeBert.Models"] = ("models/sentiment/", 12_000_000),
            ["SqueezeBert.Models.Assistant"] = ("models/assistant/", 12_000_000),
            ["SqueezeBert.Models.Embeddings"] = ("models/embeddings/", 12_000_000),
        };
        foreach (var file in Directory.EnumerateFiles(packages.Feed, "*.nupkg"))
        {
            using var zip = ZipFile.OpenRead(file);
            var weights = zip.Entries.Where(entry => entry.Name.EndsWith(".safetensors", StringComparison.Ordinal)).ToList();
            var metadata = PackageFeed.Nuspec(file).Descendants().ToLookup(element => element.Name.LocalName, element => element.Value);
            var id = metadata["id"].Single();
            if (models.TryGetValue(id, out var model))
            {
                var files = zip.Entries.Where(entry => entry.FullName.StartsWith("models/", StringComparison.Ordinal)).ToList();
                Assert.Single(weights, entry => entry.Name == "model.safetensors");
                Assert.All(files, entry => Assert.StartsWith(model.Folder, entry.FullName, StringComparison.Ordinal));
                Assert.Contains(files, entry => entry.FullName == $"{model.Folder}config.json");
                Assert.Contains(files, entry => entry.FullName == $"{model.Folder}README.md");
                Assert.True(files.Sum(entry => entry.Length) <= model.Bytes, $"the model of {id} is larger than {model.Bytes:N0} bytes");
            }
            else if (id != "SqueezeBert.Cli")
            {
                Assert.Empty(weights);
                Assert.Equal("MIT", metadata["license"].Single());
                continue;
            }

            Assert.Equal("NOTICE.md", metadata["license"].Single());
            using var notice = new StreamReader(zip.GetEntry("NOTICE.md")!.Open());
            Assert.All(models.Values, one => Assert.True(id != "SqueezeBert.Cli" || weights.Exists(
                entry => entry.FullName.Contains($"squeezebert-{one.Folder}", StringComparison.Ordinal))));
            Assert.Contains("does not apply to the weights", notice.ReadToEnd(), StringComparison.Ordinal);
        }
    }

    /// <summary>A notice is read without the card, so it names every data set of the card's table.</summary>
    [Theory]
    [InlineData("SqueezeBert.Models", "sentiment")]
    [InlineData("SqueezeBert.Models.Assistant", "assistant")]
    [InlineData("SqueezeBert.Models.Embeddings", "embeddings")]
    public void ANoticeNamesTheDataOfTheCard(string package, string model)
    {
        using var zip = ZipFile.OpenRead(packages.File(package));
        using var reader = new StreamReader(zip.GetEntry("NOTICE.md")!.Open());
        var notice = reader.ReadToEnd();
        var card = File.ReadLines(Path.Combine(Repository.Root, "models", model, "README.md"));
        var rows = card.SkipWhile(line => !Heading(line).EndsWith("data and terms", StringComparison.OrdinalIgnoreCase)).Skip(1)
            .TakeWhile(line => Heading(line).Length == 0)
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).ToList();
        Assert.True(rows.Count >= 2, $"the card of {model} has no table of its data");
        Assert.All(rows, row => Assert.Contains(
            row.Trim('|', ' ').Split('|', ',', '(')[0].Trim(), notice, StringComparison.OrdinalIgnoreCase));

        static string Heading(string line) => line.StartsWith("## ", StringComparison.Ordinal) ? line : "";
    }

    /// <summary>Everybody who tries the tool fetches it: managed code and the models in the box, nothing for one platform only.</summary>
    [Fact]
    public void TheToolIsSmallAndForEveryPlatform()
    {
        var package = packages.File("SqueezeBert.Cli");
        Assert.InRange(new FileInfo(package).Length, 1, 33_000_000);
        using var zip = ZipFile.OpenRead(package);
        Assert.DoesNotContain(zip.Entries, entry => entry.FullName.Contains("/runtimes/", StringComparison.Ordinal));
        Assert.Contains(zip.Entries, entry => entry.FullName.StartsWith("tools/net10.0/any/", StringComparison.Ordinal));
    }
}
