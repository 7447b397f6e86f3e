using SqueezeBert.Files;

namespace SqueezeBert.Training.Recipes;

/// <summary>
/// Reserves an output folder for one run. The folder is created if necessary. At the end, the lock file is deleted, and also the folders
/// that were created if they are still empty. A run that fails early therefore leaves nothing behind.
/// </summary>
internal sealed class OutputLock : IDisposable
{
    /// <summary>The lock's file in the folder.</summary>
    public const string FileName = ".training.lock";

    private readonly FileLock _lock;
    private readonly MadeFolders _made;

    /// <param name="output">The folder.</param>
    /// <param name="recipe">The name in the message.</param>
    /// <exception cref="RecipeException">Another run has the folder, or it cannot be made or written to.</exception>
    public OutputLock(string output, string recipe)
    {
        _made = new MadeFolders(output);
        _lock = Acquire(output, recipe) ?? throw new RecipeException(
            recipe, "output", $"another run is training into '{output}'; wait until it has ended, or name another folder");
    }

    private static FileLock? Acquire(string output, string recipe)
    {
        try
        {
            FileProblem.MakeFolder(output);
        }
        catch (IOException e)
        {
            throw new RecipeException(recipe, "output", e.Message, e);
        }

        try
        {
            return FileLock.TryAcquire(Path.Combine(output, FileName), deleteAtEnd: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecipeException(recipe, "output", $"nothing can be written into '{output}': {FileProblem.Of(e)}", e);
        }
    }

    public void Dispose()
    {
        _lock.Dispose();
        _made.DeleteEmpty();
    }
}
