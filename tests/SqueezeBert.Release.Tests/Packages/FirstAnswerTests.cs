using System.Net.Http.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace SqueezeBert.Release.Tests.Packages;

/// <summary>
/// From an empty folder, over the packages alone, to the first answer: of the library, the tool, the server, the templates.
/// </summary>
[Collection(PackageCollection.Name)]
public sealed partial class FirstAnswerTests(PackageFeed packages)
{
    private const string Text = "It stopped working after a week.";

    [Fact]
    public void TheLibraryAnswers()
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
                <PackageReference Include="SqueezeBert.Models.Assistant" Version="{packages.Version}" />
                <PackageReference Include="SqueezeBert.Models.Embeddings" Version="{packages.Version}" />
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
            using var embedder = TextEmbedder.Load(EmbeddingModels.English);
            using var assistant = InferenceModel.Load(AssistantModels.English);
            Console.WriteLine(embedder.Embed("Where is my key?").Similarity(embedder.Embed("I lost my key.")) > 0.2f);
            Console.WriteLine(HashSplit.Hash("text") == HashSplit.Hash("text") && new AdamWProbe().Works);

            sealed class AdamWProbe { public bool Works => TrainingTasks.SingleLabel.Name == "single-label"; }
            """);
        Assert.Equal("negative\nTrue\nTrue",
            Command.Run(folder, "dotnet", ["run", "-c", "Release"], packages.Environment).Trim().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void TheInstalledToolAnswers()
    {
        var tools = Path.Combine(packages.Folder, "tools");
        Command.Run(packages.Folder, "dotnet", ["tool", "install", "SqueezeBert.Cli", "--tool-path", tools, "--version", packages.Version],
            packages.Environment);
        var tool = Path.Combine(tools, OperatingSystem.IsWindows() ? "squeezebert.exe" : "squeezebert");
        Assert.Contains("negative", Command.Run(packages.Folder, tool, ["classify", Text]), StringComparison.Ordinal);

        Assert.Contains("  I lost my key.\n", Command.Run(packages.Folder, tool,
            ["similar", "--top", "1", "Where is my key?", "The film is fun.", "I lost my key."]), StringComparison.Ordinal);

        var tasks = Directory.CreateDirectory(Path.Combine(packages.Folder, "tasks", "SST-2"));
        File.WriteAllText(Path.Combine(tasks.FullName, "dev.tsv"), $"sentence\tlabel\n{Text}\t0\n");

        // The task has two labels, and the model in the box three.
        Command.Run(packages.Folder, tool,
        [
            "new", "squeezebert", "scored", "hidden_size=32", "embedding_size=32", "num_hidden_layers=1", "num_attention_heads=2",
            "intermediate_size=64", "--head", "sequence-classification", "--vocab", Path.Combine(Repository.Root, "models", "sentiment"),
        ]);
        Command.Run(packages.Folder, tool,
        [
            "report", "scored", "--tasks", "tasks", "--seconds", "0", "--html", "report.html",
        ]);
        Assert.Contains("</svg>", File.ReadAllText(Path.Combine(packages.Folder, "report.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void TheToolAnswersWithoutBeingInstalled() => Assert.Contains("negative",
        Command.Run(packages.Folder, "dotnet", ["dnx", $"SqueezeBert.Cli@{packages.Version}", "--yes", "classify", Text],
            packages.Environment), StringComparison.Ordinal);

    /// <summary>What a user writes after a sample: the same program with packages in the place of this repository's projects.</summary>
    [Theory]
    [InlineData("Serve", "\"label\":\"negative\"", "health: Healthy")]
    [InlineData("Vectors", "same bits: True", "found ")]
    [InlineData("Worker", "review 3: ", "negative")]
    public void ASampleAnswers(string name, params string[] expected)
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
        packages.AddRestoredPackages(folder);
        var output = Command.Run(folder, "dotnet", ["run", "-c", "Release"], packages.Environment);
        Assert.All(expected, text => Assert.Contains(text, output, StringComparison.Ordinal));
    }

    [Fact]
    public void TheConsoleTemplateAnswers()
    {
        var (folder, program) = Make("squeezebert-console", "Reviews");
        Assert.StartsWith("negative ", Command.Run(folder, "dotnet", [program, Text]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheServerOfTheTemplateAnswers()
    {
        var (folder, program) = Make("squeezebert-api", "Answers");
        using var server = new RunningProgram(folder, "dotnet", program, "--urls", "http://127.0.0.1:0");
        var address = await server.FindAsync(Listening(), TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(address) };
        using var response = await client.PostAsJsonAsync("/predict", new { inputs = Text }, TestContext.Current.CancellationToken);
        Assert.StartsWith("[{\"score\":0.", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
    }

    /// <summary>It trains on the file that the template brings, and then on another with other labels.</summary>
    [Fact]
    public void TheWorkerOfTheTemplateTrains()
    {
        var (folder, program) = Make("squeezebert-worker", "Tickets");
        Assert.Matches(" says (billing|technical) .* of: Please help me with the invoice", Command.Run(folder, "dotnet", [program]));

        File.WriteAllLines(Path.Combine(folder, "mails.tsv"), ["mail\tfolder", .. Enumerable.Range(0, 40).Select(
            number => number % 2 == 0 ? $"Lunch at {number}?\tfriends" : $"The report of week {number} is late.\twork")]);
        var output = Command.Run(folder, "dotnet",
        [
            program, "--Training:File", "mails.tsv", "--Training:TextColumn", "mail", "--Training:LabelColumn", "folder",
            "--Training:Epochs", "1", "--Training:Output", "others",
        ]);
        Assert.Contains("training on mails.tsv: friends, work", output, StringComparison.Ordinal);
        Assert.Contains("model.safetensors", Directory.EnumerateFiles(Path.Combine(folder, "others"), "*", SearchOption.AllDirectories)
            .Select(Path.GetFileName));

        // The start is the sentence encoder, whose files stay beside the model.
        Assert.Single(Directory.EnumerateFiles(Path.Combine(folder, "others"), "modules.json", SearchOption.AllDirectories));

        var (code, failure, _) = Command.Try(folder, "dotnet", [program, "--Training:File", "none.csv"]);
        Assert.Equal(1, code);
        Assert.Contains("none.csv", failure, StringComparison.Ordinal);
    }

    private static string CentralVersion(string id) => XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props"))
        .Descendants("PackageVersion").Single(version => version.Attribute("Include")!.Value == id).Attribute("Version")!.Value;

    /// <summary>Makes a project of a template, and builds it.</summary>
    /// <returns>Its folder, and the program.</returns>
    private (string Folder, string Program) Make(string template, string name)
    {
        var templates = Path.Combine(packages.Folder, "templates");
        if (!Directory.Exists(templates))
        {
            Directory.CreateDirectory(templates);
            packages.AddRestoredPackages(templates);
            Command.Run(templates, "dotnet", ["new", "install", packages.File("SqueezeBert.Templates")], packages.Environment);
        }

        Command.Run(templates, "dotnet", ["new", template, "--output", name, "--skipRestore"], packages.Environment);
        var folder = Path.Combine(templates, name);
        Command.Run(folder, "dotnet", ["build", "-c", "Release"], packages.Environment);
        return (folder, Path.Combine(folder, "bin", "Release", "net10.0", $"{name}.dll"));
    }

    [GeneratedRegex("Now listening on: (http://[^ ]+)")]
    private static partial Regex Listening();
}
