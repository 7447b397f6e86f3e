namespace SqueezeBert.Release.Tests;

/// <summary>Runs each sample as it was built, and holds README.md to the code of one.</summary>
public sealed class SampleTests
{
    [Theory]
    [InlineData("Classify", "negative")]
    [InlineData("Stream", "3: ")]
    [InlineData("Tokenize", "windows: ")]
    [InlineData("Train", "technical")]
    public void ASampleRuns(string name, string expected)
    {
        var program = Path.Combine(Repository.Root, "samples", name, "bin", Repository.Configuration, "net10.0", name + ".dll");
        Assert.Contains(expected, Command.Run(Path.GetTempPath(), "dotnet", [program]), StringComparison.Ordinal);
    }

    [Fact]
    public void EverySampleIsRun()
    {
        var tested = typeof(SampleTests).GetMethod(nameof(ASampleRuns))!.GetCustomAttributes(typeof(InlineDataAttribute), false).Cast<InlineDataAttribute>().Select(data => (string)data.Data[0]!);
        Assert.Equal(Directory.EnumerateFiles(Path.Combine(Repository.Root, "samples"), "*.csproj", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension).Order(), tested.Order());
    }

    [Fact]
    public void TheReadmeShowsASample()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md")).ReplaceLineEndings("\n");
        var start = readme.IndexOf("```csharp\n", StringComparison.Ordinal) + "```csharp\n".Length;
        var code = readme[start..readme.IndexOf("```", start, StringComparison.Ordinal)];
        var sample = File.ReadAllText(Path.Combine(Repository.Root, "samples", "Classify", "Program.cs")).ReplaceLineEndings("\n");
        Assert.Contains(code, sample, StringComparison.Ordinal);
    }
}
