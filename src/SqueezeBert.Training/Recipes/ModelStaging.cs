using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.Training.Recipes;

/// <summary>
/// The folder within an output folder in which a trained model is written before its files are moved to their places. Whatever a run that
/// was killed has left there is the run's own. In the output folder itself it leaves no part of a model, which could be a user's.
/// </summary>
/// <param name="output">The output folder. The caller has its lock.</param>
internal sealed class ModelStaging(string output)
{
    /// <summary>The folder's name.</summary>
    public const string FolderName = ".writing-model";

    /// <summary>The file that says that all others are written.</summary>
    public const string CompleteFile = ".complete";

    private readonly string _folder = Path.Combine(output, FolderName);

    private string Complete => Path.Combine(_folder, CompleteFile);

    // A folder with a config.json is a model: it comes last.
    private IReadOnlyList<string> Files =>
    [
        .. Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_folder, path))
            .Where(name => name != CompleteFile).OrderBy(name => name == ModelConfiguration.FileName),
    ];

    /// <summary>Writes a model and moves it to its place. If that fails, nothing of it stays.</summary>
    /// <param name="save">Writes the files into a folder.</param>
    public void Write(Action<string> save)
    {
        Delete();
        try
        {
            FileProblem.MakeFolder(_folder);
            save(_folder);
            AtomicFile.Write(Complete, _ => { });
        }
        catch
        {
            Delete();
            throw;
        }

        MoveAll(Files);
    }

    /// <summary>
    /// Ends what a run that was killed has left: moves a model that was complete, and deletes another. A model stays where it is if its
    /// place has been taken meanwhile.
    /// </summary>
    public void Recover()
    {
        if (!Directory.Exists(_folder)) return;
        if (!File.Exists(Complete))
        {
            Delete();
            return;
        }

        var files = Files;
        if (!files.Any(name => OutputFolder.IsOfModel(name) && File.Exists(Path.Combine(output, name)))) MoveAll(files);
    }

    private void MoveAll(IReadOnlyList<string> files)
    {
        foreach (var name in files)
        {
            var target = Path.Combine(output, name);
            FileProblem.MakeFolder(Path.GetDirectoryName(target)!);
            try
            {
                File.Move(Path.Combine(_folder, name), target, overwrite: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw FileProblem.NotWritten(target, e);
            }
        }

        Delete();
    }

    private void Delete()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }
}
