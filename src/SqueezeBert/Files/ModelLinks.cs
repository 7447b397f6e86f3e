using SqueezeBert.Files;

namespace SqueezeBert.Checkpoints;

/// <summary>
/// Which links in models' folders are followed: those inside the folder, those of the hub's cache, and those to places that the program
/// trusts. Any other is an error, since a folder from a stranger must not make a program read other files.
/// </summary>
public static class ModelLinks
{
    private static Folders _folders = new([], []);

    /// <summary>
    /// Folders that links of any model may lead into, such as a store of weights that several folders share; none by default. For the whole
    /// process: to be set before models are loaded. Thread-safe.
    /// </summary>
    /// <exception cref="InvalidModelFileException">A path cannot be followed.</exception>
    public static IReadOnlyList<string> TrustedFolders
    {
        get => Volatile.Read(ref _folders).Given;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Volatile.Write(ref _folders, new Folders([.. value], [.. value.Select(ModelPaths.RealPath)]));
        }
    }

    /// <summary>Whether a path without links lies in a trusted folder.</summary>
    internal static bool Allow(string target) =>
        Array.Exists(Volatile.Read(ref _folders).Real, folder => ModelPaths.IsUnder(target, folder));

    private sealed record Folders(IReadOnlyList<string> Given, string[] Real);
}
