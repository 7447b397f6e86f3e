namespace SqueezeBert.Release.Tests;

/// <summary>Runs each sample as it was built, and holds README.md to the code of one.</summary>
public sealed class SampleTests
{
    [Theory]
    [InlineData("Answer", "answer: ")]
    [InlineData("Assistant", "do: set_alarm at ")]
    [InlineData("Choose", "choice 2: ")]
    [InlineData("Classify", "negative")]
    [InlineData("ComingFrom", "hidden state of [CLS]: 64 numbers")]
    [InlineData("Features", "width: 64")]
    [InlineData("Fill", "of two: ")]
    [InlineData("MlNet", "vectors of ML.NET are the library's: True")]
    [InlineData("Onnx", "same as the library's: True")]
    [InlineData("OnnxServe", "\"label\":\"negative\"")]
    [InlineData("Pair", "pair: ")]
    [InlineData("Rerank", "rank 1: ")]
    [InlineData("Serve", "health: Healthy")]
    [InlineData("Similar", "similarity ")]
    [InlineData("Start", "0.5461  Hold the button for ten seconds to reset it.")]
    [InlineData("Stream", "3: ")]
    [InlineData("Tag", "tokens: ")]
    [InlineData("Tokenize", "windows: ")]
    [InlineData("Train", "technical")]
    [InlineData("Vectors", "same bits: True")]
    [InlineData("Worker", "review 3: ")]
    [InlineData("ZeroShot", "topic politics: ")]
    public void ASampleRuns(string name, string expected)
    {
        var program = Path.Combine(Repository.Root, "samples", name, "bin", Repository.Configuration, "net10.0", name + ".dll");
        Assert.Contains(expected, Command.Run(Path.GetTempPath(), "dotnet", [program]), StringComparison.Ordinal);
    }

    [Fact]
    public void EverySampleIsRun()
    {
        var tested = typeof(SampleTests).GetMethod(nameof(ASampleRuns))!.GetCustomAttributes(typeof(InlineDataAttribute), false)
            .Cast<InlineDataAttribute>().Select(data => (string)data.Data[0]!);
        Assert.Equal(Directory.EnumerateFiles(Path.Combine(Repository.Root, "samples"), "*.csproj", SearchOption.AllDirectories)
            .Select(Path.GetFileNameWithoutExtension)
            .Where(name => name != "Browser") // SqueezeBert.Browser.Tests runs that one.
            .Order(), tested.Order());
    }

    [Theory]
    [InlineData("assistant.md", 2, "Assistant")]
    [InlineData("coming-from.md", 4, "ComingFrom")]
    [InlineData("extensions.md", 7, "Serve", "Vectors", "Worker", "ComingFrom")]
    public void APageShowsItsSamples(string name, int count, params string[] samples)
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", name)).ReplaceLineEndings("\n");
        var code = string.Join("\n\n", samples.Select(
            sample => Plain(File.ReadAllText(Path.Combine(Repository.Root, "samples", sample, "Program.cs")).ReplaceLineEndings("\n"))));
        var blocks = page.Split("```csharp\n")[1..];
        Assert.Equal(count, blocks.Length);
        Assert.All(blocks,
            block => Assert.Contains(Plain(block[..block.IndexOf("```", StringComparison.Ordinal)]), code, StringComparison.Ordinal));

        static string Plain(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim())).Trim();
    }

    [Fact]
    public void TheReadmeListsEverySample()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        foreach (var project in Directory.EnumerateFiles(Path.Combine(Repository.Root, "samples"), "*.csproj", SearchOption.AllDirectories))
            Assert.Contains($"](samples/{Path.GetFileNameWithoutExtension(project)}/Program.cs)", readme, StringComparison.Ordinal);
    }

    [Fact]
    public void TheReadmeShowsASample()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md")).ReplaceLineEndings("\n");
        var start = readme.IndexOf("```csharp\n", StringComparison.Ordinal) + "```csharp\n".Length;
        var code = readme[start..readme.IndexOf("```", start, StringComparison.Ordinal)];
        var sample = File.ReadAllText(Path.Combine(Repository.Root, "samples", "Start", "Program.cs")).ReplaceLineEndings("\n");
        Assert.Contains(code, sample, StringComparison.Ordinal);
    }
}
