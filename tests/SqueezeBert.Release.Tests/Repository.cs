namespace SqueezeBert.Release.Tests;

/// <summary>The clone that the tests were built in.</summary>
internal static class Repository
{
    /// <summary>The configuration that the tests, and so everything else, were built in.</summary>
    public const string Configuration =
#if DEBUG
        "Debug";
#else
        "Release";
#endif

    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "SqueezeBert.slnx"))) return folder;
        }

        throw new InvalidOperationException($"{AppContext.BaseDirectory} is not inside a clone of the repository");
    }
}
