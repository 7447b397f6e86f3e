using SqueezeBert.Files;

namespace SqueezeBert.Training.Recipes;

/// <summary>
/// Keeps an output folder for one run. The folder is made if need be; at the end the lock's file goes, and with it the folders that were
/// made for it, if nothing was written into them: a run that fails early leaves nothing behind.
/// </summary>
internal sealed class OutputLock : IDisposable
{
    /// <summary>The lock's file in the folder.</summary>
    public const string FileName = ".training.lock";

    private readonly FileLock _lock;
    private readonly List<string> _made = [];

    /// <param name="output">The folder.</param>
    /// <param name="recipe">Named in the message.</param>
    /// <exception cref="RecipeException">Another run has the folder.</exception>
    public OutputLock(string output, string recipe)
    {
        // The innermost first, which is the order in which they can be deleted.
        for (var folder = Path.GetFullPath(output); folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
            _made.Add(folder);
        Directory.CreateDirectory(output);
        _lock = FileLock.TryAcquire(Path.Combine(output, FileName), deleteAtEnd: true) ?? throw new RecipeException(
            recipe, "output", $"another run is training into '{output}'; wait until it has ended, or name another folder");
    }

    public void Dispose()
    {
        _lock.Dispose();
        foreach (var folder in _made)
        {
            if (!Directory.Exists(folder) || Directory.EnumerateFileSystemEntries(folder).Any()) return;
            Directory.Delete(folder);
        }
    }
}
