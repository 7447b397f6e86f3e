namespace SqueezeBert.Release.Tests.Platforms;

/// <summary>Runs the tool on another system and on this one, and compares what they answer.</summary>
internal static class ToolComparison
{
    private const string Reviews =
        "Loved it.\r\nIt stopped working after a week.\r\n\r\nNaïve, a bit dull – but the café was lovely 🙂\r\n";

    /// <summary>
    /// The model in the box and a copy of it label one text per line, CR LF behind each, below folders with spaces. The JSON is the same to
    /// the last byte: to the last digit, and with the same line ends.
    /// </summary>
    public static void Classify(Emulator emulator, string tool, string folder, char separator)
    {
        folder = Path.Combine(folder, "a folder with spaces");
        Directory.CreateDirectory(Path.Combine(folder, "my model"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "models", "sentiment")))
            File.Copy(file, Path.Combine(folder, "my model", Path.GetFileName(file)));
        File.WriteAllText(Path.Combine(folder, "the reviews.txt"), Reviews);
        var parent = Path.GetDirectoryName(folder)!;

        string[] Arguments(char slash) => ["classify", "--json", "--file", $"a folder with spaces{slash}the reviews.txt"];
        string[] Model(char slash) => ["--model", $"a folder with spaces{slash}my model"];
        var expected = Here(parent, Arguments(Path.DirectorySeparatorChar));
        Assert.Equal(4, expected.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("\"label\":\"negative\"", expected, StringComparison.Ordinal);
        Assert.Equal(expected, emulator.Run(parent, tool, Arguments(separator)));
        Assert.Equal(expected, emulator.Run(parent, tool, [.. Arguments(separator), .. Model(separator)]));
    }

    /// <summary>Every tensor that a golden model computes, as a file: the same bytes.</summary>
    public static void Forward(Emulator emulator, string tool, string folder, string model)
    {
        var fixture = Path.Combine(Repository.Root, "tests", "SqueezeBert.Tests", "Fixtures", "models", model);
        string[] Arguments(string output) =>
            ["forward", "--model", fixture, "--input", Path.Combine(fixture, "expected.safetensors"), "--output", output];
        Here(folder, Arguments("here.safetensors"));
        emulator.Run(folder, tool, Arguments("there.safetensors"));
        var expected = File.ReadAllBytes(Path.Combine(folder, "here.safetensors"));
        Assert.True(expected.Length > 1000);
        Assert.Equal(expected, File.ReadAllBytes(Path.Combine(folder, "there.safetensors")));
    }

    private static string Here(string folder, string[] arguments)
    {
        var tool = Path.Combine(Repository.Root, "src", "SqueezeBert.Cli", "bin", Repository.Configuration, "net10.0", "squeezebert.dll");
        return Command.Run(folder, "dotnet", [tool, .. arguments]);
    }
}
