using SqueezeBert.Checkpoints;
using SqueezeBert.ModelFolders.Onnx.Writing;

namespace SqueezeBert.ModelFolders.Conversion;

/// <summary>
/// The target of a conversion: a folder that appears as a whole, or an ONNX file with its other files in the same folder. Everything is
/// first written to a temporary folder.
/// </summary>
internal sealed class ConversionTarget : IDisposable
{
    private const string OnnxFolder = "onnx";
    private readonly string _path;
    private readonly bool _isFile;

    /// <param name="path">A folder that does not exist or is empty, or an ONNX file that does not exist.</param>
    /// <param name="isOnnx">Whether an ONNX file is written.</param>
    /// <exception cref="InvalidModelFileException">The folder is not empty, or the file exists.</exception>
    public ConversionTarget(string path, bool isOnnx)
    {
        _path = path;
        _isFile = isOnnx && ModelLocation.IsOnnx(path);
        if (!_isFile) CheckIsFree(path);
        else if (Path.Exists(path)) throw IsThere(path);
        Stage = $"{Path.GetFullPath(path).TrimEnd(Path.DirectorySeparatorChar)}.{Guid.NewGuid():N}.tmp";
    }

    /// <summary>The temporary folder to write to.</summary>
    public string Stage { get; }

    /// <summary>The name of the ONNX file, if one is written.</summary>
    public string OnnxName => _isFile ? Path.GetFileName(_path) : "model.onnx";

    /// <summary>
    /// Returns whether the ONNX file is written to the folder of its source, or to the folder "onnx" inside it. Its other files are then
    /// already there.
    /// </summary>
    public bool IsIn(string folder)
    {
        if (!_isFile) return false;
        var (own, source) = (FolderOfFile, Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar));
        return own == source || (Path.GetFileName(own) == OnnxFolder && Path.GetDirectoryName(own) == source);
    }

    /// <summary>Moves the files to their place. The ONNX file is moved last, because it is useless without the others.</summary>
    /// <exception cref="InvalidModelFileException">A file would be replaced.</exception>
    public void Finish()
    {
        if (!_isFile)
        {
            // An empty folder stands in the way of the rename.
            if (Directory.Exists(_path)) Directory.Delete(_path);
            Directory.Move(Stage, _path);
            return;
        }

        var entries = Directory.EnumerateFileSystemEntries(Stage).Select(entry => Path.GetFileName(entry)!)
            .OrderBy(name => name == OnnxName ? 2 : name == OnnxName + OnnxFile.DataSuffix ? 1 : 0).ToList();
        foreach (var name in entries)
        {
            if (Path.Exists(Path.Combine(FolderOfFile, name))) throw IsThere(Path.Combine(FolderOfFile, name));
        }

        foreach (var name in entries) Directory.Move(Path.Combine(Stage, name), Path.Combine(FolderOfFile, name));
    }

    /// <summary>Deletes the files that were not moved to their place.</summary>
    public void Dispose()
    {
        if (Directory.Exists(Stage)) Directory.Delete(Stage, recursive: true);
    }

    private string FolderOfFile => Path.GetDirectoryName(Path.GetFullPath(_path))!;

    private static InvalidModelFileException IsThere(string path) =>
        new(path, null, "is there already, and is not replaced; give another place, or delete it");

    private static void CheckIsFree(string folder)
    {
        if (File.Exists(folder)) throw new InvalidModelFileException(folder, null, "is a file; give the name of a folder to be made");
        if (!Directory.Exists(folder) || Directory.EnumerateFileSystemEntries(folder).FirstOrDefault() is not { } entry) return;
        throw new InvalidModelFileException(folder, null,
            $"has {Path.GetFileName(entry)} in it already; give another folder, or delete this one");
    }
}
