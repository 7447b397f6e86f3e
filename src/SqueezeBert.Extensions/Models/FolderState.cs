namespace SqueezeBert.Extensions.Models;

/// <summary>
/// The names, lengths and times of a model's files. Two equal states are considered the same model, although only
/// <see cref="InferenceModel.Fingerprint"/> can prove it.
/// </summary>
internal sealed class FolderState : IEquatable<FolderState>
{
    /// <summary>The limit of files. A folder with more is not a model, but for example the root of a disk.</summary>
    private const int MaxFiles = 10_000;

    private static readonly EnumerationOptions All = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = 4,
        IgnoreInaccessible = true,
    };


    private readonly string _target;
    private readonly List<(string Name, long Length, DateTime Written)> _files;

    private FolderState(string target, List<(string, long, DateTime)> files) => (_target, _files) = (target, files);

    /// <summary>
    /// Returns the state of the folder at a path, or of the folder that contains the file. It is empty if the folder is missing or
    /// unreadable.
    /// </summary>
    public static FolderState Of(string path)
    {
        try
        {
            var folder = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path)) ?? path;

            // A folder that is replaced by turning a link has other files behind the same names.
            var target = Directory.ResolveLinkTarget(folder, returnFinalTarget: true)?.FullName ?? folder;
            var files = new DirectoryInfo(target).EnumerateFiles("*", All).Take(MaxFiles)
                .Select(file => (file.FullName, file.Length, file.LastWriteTimeUtc))
                .OrderBy(file => file.FullName, StringComparer.Ordinal).ToList();
            return new FolderState($"{path}\n{target}", files);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A file that vanishes while it is looked at belongs to a folder that is being changed: the next look tells.
            return new FolderState(path, []);
        }
    }

    public bool Equals(FolderState? other) => other is not null && _target == other._target && _files.SequenceEqual(other._files);

    public override bool Equals(object? obj) => Equals(obj as FolderState);

    public override int GetHashCode() => HashCode.Combine(_target, _files.Count);
}
