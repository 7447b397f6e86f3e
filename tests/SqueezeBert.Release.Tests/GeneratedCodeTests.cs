using SqueezeBert.Generate;

namespace SqueezeBert.Release.Tests;

/// <summary>Generated files are what their generators write, so that nobody's edit is lost with the next run.</summary>
public sealed class GeneratedCodeTests
{
    private const string Normalization = "tools/Generate/Data/normalization-12.1.0.txt";

    [Fact]
    public void FilesAreWhatTheirGeneratorsWrite() => Assert.Empty(
        GeneratedCode.Generate(Repository.Root, "all").Where(file => !file.IsIn(Repository.Root)).Select(file => file.Path));

    [Fact]
    public void EveryFileThatSaysSoHasAGenerator() => Assert.Equal(
        GeneratedCode.Generate(Repository.Root, "all").Select(file => file.Path).Order(StringComparer.Ordinal),
        new[] { "src", "tests", "tools", "samples", "benchmarks" }.SelectMany(Sources).Where(IsMarked).Order(StringComparer.Ordinal));

    [Fact]
    public void AnEditIsSeenAndUndone()
    {
        var root = Directory.CreateTempSubdirectory("squeezebert-generate-").FullName;
        try
        {
            var file = GeneratedCode.Generate(Repository.Root, "tiles")[0];
            var path = Path.Combine(root, file.Path);
            Assert.False(file.IsIn(root));
            Assert.Throws<DirectoryNotFoundException>(() => file.WriteTo(root));

            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, file.Text.Replace("TRows.Value > 1)", "TRows.Value > 2)", StringComparison.Ordinal));
            Assert.False(file.IsIn(root));
            file.WriteTo(root);
            Assert.True(file.IsIn(root));
        }
        finally
        {
            Directory.Delete(root, true);
        }
    }

    [Fact]
    public void InputsThatContradictTheReferenceAreRefused()
    {
        var root = Directory.CreateTempSubdirectory("squeezebert-generate-").FullName;
        try
        {
            var data = Path.Combine(root, "tools", "Generate", "Data");
            Directory.CreateDirectory(data);
            foreach (var input in Directory.EnumerateFiles(Path.Combine(Repository.Root, "tools", "Generate", "Data")))
                File.Copy(input, Path.Combine(data, Path.GetFileName(input)));
            Assert.Equal(4, GeneratedCode.Generate(root, "unicode").Count);

            string normalization = Path.Combine(root, Normalization), text = File.ReadAllText(normalization);
            File.WriteAllText(normalization, text.Replace("00C0;0;0041 0300", "00C0;0;0042 0300", StringComparison.Ordinal));
            var error = Assert.Throws<InvalidDataException>(() => GeneratedCode.Generate(root, "unicode"));
            Assert.Contains("U+00C0", error.Message, StringComparison.Ordinal);

            File.WriteAllText(normalization, text.Replace("00C0;0;", "00C0;zero;", StringComparison.Ordinal));
            error = Assert.Throws<InvalidDataException>(() => GeneratedCode.Generate(root, "unicode"));
            Assert.Contains("normalization-12.1.0.txt", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(root, true);
        }
    }

    private static IEnumerable<string> Sources(string folder) => Directory
        .EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'))
        .Where(path => !path.Split('/').Any(part => part is "bin" or "obj"));

    private static bool IsMarked(string path) =>
        File.ReadLines(Path.Combine(Repository.Root, path)).FirstOrDefault() == GeneratedCode.Marker;
}
