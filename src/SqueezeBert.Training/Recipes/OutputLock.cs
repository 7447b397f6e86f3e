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
    private readonly MadeFolders _made;

    /// <param name="output">The folder.</param>
    /// <param name="recipe">Named in the message.</param>
    /// <exception cref="RecipeException">Another run has the folder.</exception>
    public OutputLock(string output, string recipe)
    {
        _made = new MadeFolders(output);
        Directory.CreateDirectory(output);
        _lock = FileLock.TryAcquire(Path.Combine(output, FileName), deleteAtEnd: true) ?? throw new RecipeException(
            recipe, "output", $"another run is training into '{output}'; wait until it has ended, or name another folder");
    }

    public void Dispose()
    {
        _lock.Dispose();
        _made.DeleteEmpty();
    }
}
