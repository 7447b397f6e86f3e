namespace SqueezeBert.Tests.ModelFolders;

/// <summary>The tiny models of the fixtures.</summary>
internal static class GoldenModels
{
    public static string Root { get; } = Path.Combine(AppContext.BaseDirectory, "Fixtures", "models");

    /// <summary>Whole models; some other folders hold weights alone.</summary>
    public static IEnumerable<string> Folders =>
        Directory.EnumerateDirectories(Root).Where(folder => File.Exists(Path.Combine(folder, "config.json")))
            .Order(StringComparer.Ordinal);

    public static string Folder(string name) => Path.Combine(Root, name);

    public static string Weights(string name) => Path.Combine(Root, name, "model.safetensors");
}

/// <summary>A folder of a test's own, removed at its end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("squeezebert-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        var path = File(name);
        System.IO.File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
