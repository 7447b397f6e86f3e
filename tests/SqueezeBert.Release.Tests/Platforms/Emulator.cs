namespace SqueezeBert.Release.Tests.Platforms;

/// <summary>What runs another system's programs on this one.</summary>
internal sealed record Emulator(string Program, string[] Options, (string Name, string Value)[] Environment)
{
    /// <summary>Standard output, with the line ends that it has there, of a program that must succeed.</summary>
    public string Run(string folder, string program, string[] arguments, params (string Name, string Value)[] environment) =>
        Command.Run(folder, Program, [.. Options, program, .. arguments], [.. Environment, .. environment]);

    /// <summary>The first of these programs that is installed, or null.</summary>
    public static string? Find(params string[] names)
    {
        var folders = (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
    }
}
