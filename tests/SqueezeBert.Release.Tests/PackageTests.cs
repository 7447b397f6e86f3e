using System.IO.Compression;
using System.Xml.Linq;

namespace SqueezeBert.Release.Tests;

/// <summary>Packs everything, installs it from a local folder into a fresh project and a tool path, and runs both.</summary>
public sealed class PackageTests(PackageTests.Packages packages) : IClassFixture<PackageTests.Packages>
{
    private const string Text = "It stopped working after a week.";

    [Fact]
    public void APackageForEachPart() => Assert.Equal(
        [
            "SqueezeBert", "SqueezeBert.Assistant", "SqueezeBert.Cli", "SqueezeBert.Evaluation", "SqueezeBert.Extensions",
            "SqueezeBert.Extensions.AI", "SqueezeBert.Gradients", "SqueezeBert.Models", "SqueezeBert.Server", "SqueezeBert.Training",
        ],
        Directory.EnumerateFiles(packages.Feed, "*.nupkg")
            .Select(file => Nuspec(file).Descendants().Single(e => e.Name.LocalName == "id").Value).Order());

    [Fact]
    public void TheLibraryDependsOnNothing() => Assert.DoesNotContain(
        Nuspec(packages.File("SqueezeBert")).Descendants(), element => element.Name.LocalName == "dependency");

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
                var dependency = Nuspec(packages.File(friend)).Descendants()
                    .SingleOrDefault(element => element.Name.LocalName == "dependency" && element.Attribute("id")!.Value == id);
                Assert.True(dependency is not null, $"{friend} calls internals of {id}, which it does not depend on");
                Assert.Equal((friend, id, $"[{packages.Version}]"), (friend, id, dependency.Attribute("version")!.Value));
                count++;
            }
        }

        Assert.True(count >= 4, $"{count} pairs");
    }

    [Fact]
    public void TheWeightsAreInOnePackageAndSmall()
    {
        foreach (var file in Directory.EnumerateFiles(packages.Feed, "*.nupkg"))
        {
            using var zip = ZipFile.OpenRead(file);
            var weights = zip.Entries.Where(entry => entry.Name.EndsWith(".safetensors", StringComparison.Ordinal)).ToList();
            var name = Path.GetFileName(file);
            if (name.StartsWith("SqueezeBert.Models.", StringComparison.Ordinal))
            {
                var model = zip.Entries.Where(entry => entry.FullName.StartsWith("models/sentiment/", StringComparison.Ordinal)).ToList();
                Assert.Single(weights);
                Assert.Contains(model, entry => entry.FullName == "models/sentiment/config.json");
                Assert.Contains(model, entry => entry.FullName == "models/sentiment/README.md");
                Assert.True(model.Sum(entry => entry.Length) <= 8_000_000, "the sentiment model is larger than 8 MB");
            }
            else if (!name.StartsWith("SqueezeBert.Cli.", StringComparison.Ordinal))
            {
                Assert.Empty(weights);
            }
        }
    }

    [Fact]
    public void AFreshProjectRuns()
    {
        var folder = Path.Combine(packages.Folder, "app");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "app.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="SqueezeBert.Models" Version="{packages.Version}" />
                <PackageReference Include="SqueezeBert.Training" Version="{packages.Version}" />
              </ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(folder, "Program.cs"), $$"""
            using SqueezeBert;
            using SqueezeBert.Evaluation;
            using SqueezeBert.Models;
            using SqueezeBert.Training;

            using var classifier = TextClassifier.Load(PretrainedModels.Sentiment);
            Console.WriteLine(classifier.Classify("{{Text}}").Label);
            Console.WriteLine(HashSplit.Hash("text") == HashSplit.Hash("text") && new AdamWProbe().Works);

            sealed class AdamWProbe { public bool Works => TrainingTasks.SingleLabel.Name == "single-label"; }
            """);
        Assert.Equal("negative\nTrue",
            Command.Run(folder, "dotnet", ["run", "-c", "Release"], packages.Environment).Trim().ReplaceLineEndings("\n"));
    }

    /// <summary>What a user writes after a sample: the same program with packages in the place of this repository's projects.</summary>
    [Theory]
    [InlineData("Serve", "\"label\":\"negative\"", "health: Healthy")]
    [InlineData("Vectors", "same bits: True", "found ")]
    [InlineData("Worker", "review 3: ", "negative")]
    public void ASampleRunsWithThePackages(string name, params string[] expected)
    {
        var folder = Path.Combine(packages.Folder, "samples", name);
        Directory.CreateDirectory(folder);
        var source = Path.Combine(Repository.Root, "samples", name);
        var project = XDocument.Load(Path.Combine(source, name + ".csproj"));
        project.Root!.AddFirst(XElement.Parse("""
            <PropertyGroup>
              <OutputType>Exe</OutputType>
              <TargetFramework>net10.0</TargetFramework>
              <ImplicitUsings>enable</ImplicitUsings>
              <Nullable>enable</Nullable>
            </PropertyGroup>
            """));
        foreach (var reference in project.Descendants("ProjectReference").ToList())
        {
            var id = Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value);
            reference.ReplaceWith(new XElement(
                "PackageReference", new XAttribute("Include", id), new XAttribute("Version", packages.Version)));
        }

        foreach (var reference in project.Descendants("PackageReference").Where(reference => reference.Attribute("Version") is null))
            reference.Add(new XAttribute("Version", CentralVersion(reference.Attribute("Include")!.Value)));
        foreach (var shared in project.Descendants("Compile").Select(compile => compile.Attribute("Include")!))
            shared.Value = Path.GetFullPath(Path.Combine(source, shared.Value));
        project.Save(Path.Combine(folder, name + ".csproj"));
        File.Copy(Path.Combine(source, "Program.cs"), Path.Combine(folder, "Program.cs"), overwrite: true);

        // What others have published is taken from where this build has put it, so that the test needs no network.
        File.WriteAllText(Path.Combine(folder, "nuget.config"), $"""
            <configuration>
              <packageSources>
                <clear />
                <add key="packed" value="{packages.Feed}" />
                <add key="restored" value="{RestoredPackages}" />
              </packageSources>
            </configuration>
            """);
        var output = Command.Run(folder, "dotnet", ["run", "-c", "Release"], packages.Environment);
        Assert.All(expected, text => Assert.Contains(text, output, StringComparison.Ordinal));
    }

    [Fact]
    public void TheToolRuns()
    {
        var tools = Path.Combine(packages.Folder, "tools");
        Command.Run(packages.Folder, "dotnet", ["tool", "install", "SqueezeBert.Cli", "--tool-path", tools, "--version", packages.Version],
            packages.Environment);
        var tool = Path.Combine(tools, OperatingSystem.IsWindows() ? "squeezebert.exe" : "squeezebert");
        Assert.Contains("negative", Command.Run(packages.Folder, tool, ["classify", Text]), StringComparison.Ordinal);

        // Plots need the native library of this platform, of which the package has only some.
        var tasks = Directory.CreateDirectory(Path.Combine(packages.Folder, "tasks", "SST-2"));
        File.WriteAllText(Path.Combine(tasks.FullName, "dev.tsv"), $"sentence\tlabel\n{Text}\t0\n");
        Command.Run(packages.Folder, tool,
        [
            "report", Path.Combine(Repository.Root, "models", "sentiment"), "--tasks", "tasks", "--seconds", "0", "--html", "report.html",
        ]);
        Assert.Contains("</svg>", File.ReadAllText(Path.Combine(packages.Folder, "report.html")), StringComparison.Ordinal);
    }

    private static string RestoredPackages =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } folder
            ? folder
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static string CentralVersion(string id) => XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props"))
        .Descendants("PackageVersion").Single(version => version.Attribute("Include")!.Value == id).Attribute("Version")!.Value;

    private static XDocument Nuspec(string package)
    {
        using var zip = ZipFile.OpenRead(package);
        using var stream = zip.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XDocument.Load(stream);
    }

    /// <summary>A feed of fresh packages and a package cache of its own, so that what the machine has installed plays no part.</summary>
    public sealed class Packages : IDisposable
    {
        public Packages()
        {
            Directory.CreateDirectory(Feed);
            Command.Run(Repository.Root, "dotnet", ["pack", "SqueezeBert.slnx", "-c", Repository.Configuration, "--no-build", "-o", Feed]);
            System.IO.File.WriteAllText(Path.Combine(Folder, "nuget.config"), $"""
                <configuration>
                  <packageSources>
                    <clear />
                    <add key="packed" value="{Feed}" />
                  </packageSources>
                </configuration>
                """);
            Version = Nuspec(File("SqueezeBert")).Descendants().Single(element => element.Name.LocalName == "version").Value;
        }

        public string Folder { get; } = Directory.CreateTempSubdirectory("squeezebert-packages-").FullName;

        public string Feed => Path.Combine(Folder, "feed");

        public string Version { get; }

        public (string Name, string Value)[] Environment => [("NUGET_PACKAGES", Path.Combine(Folder, "cache"))];

        public string File(string id) =>
            Directory.EnumerateFiles(Feed, $"{id}.*.nupkg").Single(file => char.IsAsciiDigit(Path.GetFileName(file)[id.Length + 1]));

        public void Dispose() => Directory.Delete(Folder, recursive: true);
    }
}
