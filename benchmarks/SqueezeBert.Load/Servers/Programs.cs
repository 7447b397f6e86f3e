namespace SqueezeBert.Load.Servers;

/// <summary>Where the servers' programs are, where nobody says: built in the repository that this program was built in.</summary>
internal static class Programs
{
    public static string Tool { get; } = Built("src/SqueezeBert.Cli", "squeezebert.dll");

    public static string OnnxServer { get; } = Built("samples/OnnxServe", "OnnxServe.dll");

    private static string Built(string project, string file)
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (!File.Exists(Path.Combine(folder, "SqueezeBert.slnx"))) continue;
#if DEBUG
            return Path.Combine(folder, project, "bin", "Debug", "net10.0", file);
#else
            return Path.Combine(folder, project, "bin", "Release", "net10.0", file);
#endif
        }

        return file;
    }
}
