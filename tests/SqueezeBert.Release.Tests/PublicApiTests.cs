namespace SqueezeBert.Release.Tests;

/// <summary>A build fails where the public API of the last release is broken, and only there.</summary>
public sealed class PublicApiTests : IDisposable
{
    private const string Library = "src/SqueezeBert/SqueezeBert.csproj";
    private readonly string _folder = Directory.CreateTempSubdirectory("squeezebert-api-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void EveryReleasedPartHasABaseline() => Assert.Equal(
        ["SqueezeBert", "SqueezeBert.Assistant", "SqueezeBert.Cli", "SqueezeBert.Evaluation", "SqueezeBert.Extensions", "SqueezeBert.Extensions.AI",
            "SqueezeBert.Gradients",
            "SqueezeBert.Models", "SqueezeBert.Models.Assistant", "SqueezeBert.Models.Embeddings", "SqueezeBert.Server",
            "SqueezeBert.Training"],
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "PublicAPI.Baseline.txt", SearchOption.AllDirectories)
            .Select(file => Path.GetFileName(Path.GetDirectoryName(file))).Order());

    [Fact]
    public void AMemberThatIsGoneFailsTheBuildAndIsNamed()
    {
        const string Gone = "SqueezeBert.TextClassifier.Gone(string! text, int count = 1) -> void";
        var error = Assert.ThrowsAny<Exception>(() => Check([.. Baseline, Gone]));
        Assert.Contains("SQB0001", error.Message, StringComparison.Ordinal);
        Assert.Contains(Gone, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnAdditionDoesNot() => Check([.. Baseline.SkipLast(5)]);

    private static string[] Baseline => File.ReadAllLines(Path.Combine(Repository.Root, "src", "SqueezeBert", "PublicAPI.Baseline.txt"));

    private void Check(string[] baseline)
    {
        var file = Path.Combine(_folder, "baseline.txt");
        File.WriteAllLines(file, baseline);
        Command.Run(
            Repository.Root, "dotnet", ["msbuild", Library, "-t:CheckPublicApi", $"-p:PublicApiBaseline={file}", "-v:q", "-nologo"]);
    }
}
