namespace SqueezeBert.Release.Tests.Platforms;

/// <summary>
/// Programs of this repository published for another system with the runtime beside them. Everything is built in a folder of its own,
/// because a build for another system in the clone would replace files that other tests read.
/// </summary>
public sealed class PublishedPrograms : IDisposable
{
    /// <summary>What the package manager says where no source has a package, or where none can be reached.</summary>
    private static readonly string[] NotToBeHad = ["NU1101", "NU1102", "NU1301"];

    private readonly Dictionary<(string Project, string Runtime), string> _published = [];

    public string Folder { get; } = Directory.CreateTempSubdirectory("squeezebert-platforms-").FullName;

    /// <summary>
    /// The folder of <paramref name="project"/> (a path in the clone) as published for <paramref name="runtime"/>. Skips the test where
    /// that system's runtime cannot be restored.
    /// </summary>
    public string Publish(string project, string runtime) => Publish(project, runtime, ["-r", runtime, "-p:SelfContained=true"]);

    /// <summary>The folder of a project that is compiled ahead of time for <paramref name="runtime"/>, without a warning.</summary>
    public string PublishAheadOfTime(string project, string runtime) =>
        Publish(project, runtime, ["-r", runtime, "-p:PublishAot=true"]);

    /// <summary>The folder of a project for browsers, whose files are not compressed, which takes longer than all the rest.</summary>
    public string PublishPage(string project) => Publish(project, "browser-wasm", ["-p:CompressionEnabled=false"]);

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private string Publish(string project, string runtime, string[] properties)
    {
        if (_published.TryGetValue((project, runtime), out var folder)) return folder;
        folder = Path.Combine(Folder, runtime, Path.GetFileNameWithoutExtension(project));
        string[] options =
            [Path.Combine(Repository.Root, project), .. properties, "--artifacts-path", Path.Combine(Folder, runtime, "build")];
        var (code, output, error) = Command.Try(Folder, "dotnet", ["restore", .. options]);
        Assert.SkipWhen(code != 0 && NotToBeHad.Any(output.Contains), $"the runtime of {runtime} cannot be restored here: {output.Trim()}");
        Assert.True(code == 0, $"{output}\n{error}");

        // The analyzers have seen the same code in the build of the clone.
        Command.Run(Folder, "dotnet",
            ["publish", .. options, "-c", Repository.Configuration, "--no-restore", "-p:RunAnalyzers=false", "-o", folder]);
        _published.Add((project, runtime), folder);
        return folder;
    }
}
