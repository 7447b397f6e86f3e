using SqueezeBert.Files;

namespace SqueezeBert.Checkpoints;

/// <summary>
/// Determines which symbolic links in model folders are followed. Links are followed if they stay inside the folder, belong to the cache of
/// the hub, or lead into a folder that the program trusts. Any other link is an error, because a folder from an untrusted source must not
/// make a program read other files.
/// </summary>
public static class ModelLinks
{
    private static Folders _folders = new([], []);

    /// <summary>
    /// The folders that links of any model may lead into, for example a store of weights that several model folders share. The list is
    /// empty by default and applies to the whole process. Set it before models are loaded. Thread-safe.
    /// </summary>
    /// <exception cref="InvalidModelFileException">A path cannot be resolved.</exception>
    public static IReadOnlyList<string> TrustedFolders
    {
        get => Volatile.Read(ref _folders).Given;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Volatile.Write(ref _folders, new Folders([.. value], [.. value.Select(ModelPaths.RealPath)]));
        }
    }

    /// <summary>Returns whether a path without links is in a trusted folder.</summary>
    internal static bool Allow(string target) =>
        Array.Exists(Volatile.Read(ref _folders).Real, folder => ModelPaths.IsUnder(target, folder));

    private sealed record Folders(IReadOnlyList<string> Given, string[] Real);
}
