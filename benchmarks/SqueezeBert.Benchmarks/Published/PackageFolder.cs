using System.Diagnostics;
using System.Text.Json;

namespace SqueezeBert.Benchmarks.Published;

/// <summary>Fetches packages with the ordinary client: `dotnet restore` of a project that asks for nothing else.</summary>
internal static class PackageFolder
{
    /// <summary>The folders of the packages in the cache of the machine, in their order; what is there is not fetched again.</summary>
    /// <exception cref="IOException">The restore failed; the message has its last lines.</exception>
    public static IReadOnlyList<string> Restore(IReadOnlyList<string> packages, string version)
    {
        var folder = Directory.CreateTempSubdirectory("squeezebert-packages-").FullName;
        try
        {
            // A download brings the package alone, without those that it depends on.
            var items = string.Concat(packages.Select(name => $"""<PackageDownload Include="{name}" Version="[{version}]" />"""));
            var project = Path.Combine(folder, "packages.csproj");
            File.WriteAllText(project,
                $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup><TargetFramework>net{Environment.Version.Major}.0</TargetFramework></PropertyGroup>
                  <ItemGroup>{items}</ItemGroup>
                </Project>
                """);
            Run("restore", project);
            using var assets = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "obj", "project.assets.json")));
            var caches = assets.RootElement.GetProperty("packageFolders").EnumerateObject().Select(cache => cache.Name).ToList();
            return [.. packages.Select(name => caches.Select(cache => Path.Combine(cache, name.ToLowerInvariant(), version))
                .FirstOrDefault(Directory.Exists)
                ?? throw new IOException($"{name} {version} was restored but is in none of {string.Join(", ", caches)}"))];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new IOException($"dotnet {arguments[0]} failed: {string.Join(' ', output.Trim().Split('\n').TakeLast(3)).Trim()}");
    }
}
