namespace SqueezeBert.Training.Recipes;

/// <summary>The folders that are created for an output, which are deleted if nothing was written.</summary>
internal sealed class MadeFolders
{
    // The innermost first, which is the order in which they can be deleted.
    private readonly List<string> _folders = [];

    /// <summary>Determines which folders are missing, without creating any.</summary>
    public MadeFolders(string output)
    {
        for (var folder = Path.GetFullPath(output); folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
            _folders.Add(folder);
    }

    /// <summary>Deletes those that are empty.</summary>
    public void DeleteEmpty()
    {
        foreach (var folder in _folders)
        {
            if (!Directory.Exists(folder)) continue;
            if (Directory.EnumerateFileSystemEntries(folder).Any()) return;
            Directory.Delete(folder);
        }
    }
}
