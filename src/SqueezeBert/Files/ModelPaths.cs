using SqueezeBert.Checkpoints;

namespace SqueezeBert.Files;

/// <summary>Determines which files belong to a model folder, and creates messages for paths that do not exist.</summary>
internal static class ModelPaths
{
    private const int MaxEntries = 1000;
    private const int MaxNames = 3;
    private const int MaxLinks = 40;

    /// <summary>Returns whether a name inside a file is that of a file in the same folder, on every platform.</summary>
    public static bool IsPlainFileName(string name) =>
        name.Length is > 0 and <= 255 && name[0] != '.' && name[^1] is not ('.' or ' ') && !name.AsSpan().ContainsAny("/\\:*?\"<>|")
            && !name.Any(char.IsControl);

    /// <summary>
    /// Returns the path of a file in a model folder. A link that leads out of the folder is an error, unless it leads into a trusted
    /// folder. Links of the hub's cache, from snapshots/COMMIT to the blobs of the same model, are part of its layout and allowed.
    /// </summary>
    /// <param name="folder">The folder of the model.</param>
    /// <param name="name">The path inside the folder.</param>
    /// <exception cref="InvalidModelFileException">The file is a link out of the folder.</exception>
    public static string FileIn(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        var root = RealPath(folder);
        var target = RealPath(path);
        if (IsUnder(target, root)) return path;
        if (Blobs(root) is { } blobs && IsUnder(target, blobs)) return path;
        if (ModelLinks.Allow(target)) return path;
        throw new InvalidModelFileException(path, null,
            $"is a link out of the model's folder, to {target}; copy the file into it, or trust that place (--trust-links FOLDER, " +
                "ModelLinks.TrustedFolders)");
    }

    /// <summary>
    /// Returns the folder of blobs in the hub's cache that belongs to MODEL/snapshots/COMMIT or a subfolder. Null for any other folder.
    /// </summary>
    private static string? Blobs(string folder)
    {
        var snapshots = Path.GetDirectoryName(folder);
        if (Path.GetFileName(snapshots) != "snapshots") snapshots = Path.GetDirectoryName(snapshots);
        return Path.GetFileName(snapshots) == "snapshots" ? Path.Combine(Path.GetDirectoryName(snapshots)!, "blobs") : null;
    }

    /// <summary>Returns the path with all links resolved.</summary>
    internal static string RealPath(string path)
    {
        try
        {
            var pending = new Stack<string>(Parts(Path.GetFullPath(path)));
            var real = Path.GetPathRoot(Path.GetFullPath(path))!;
            for (var links = 0; pending.TryPop(out var part);)
            {
                if (part == "..")
                {
                    real = Path.GetDirectoryName(real) ?? real;
                    continue;
                }

                var next = Path.Combine(real, part);
                if (new FileInfo(next).LinkTarget is not { } target)
                {
                    real = next;
                    continue;
                }

                if (++links > MaxLinks) throw new InvalidModelFileException(path, null, "has too many links in its path");
                if (Path.IsPathRooted(target)) real = Path.GetPathRoot(Path.GetFullPath(target, real))!;
                foreach (var step in Parts(target)) pending.Push(step);
            }

            return real;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InvalidModelFileException(path, null, $"cannot be opened: {FileProblem.Of(e)}", e, FileProblem.KindOf(e));
        }

        // The last first, for the stack.
        static IEnumerable<string> Parts(string path) => path[Path.GetPathRoot(path)!.Length..]
            .Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries)
            .Where(part => part != ".")
            .Reverse();
    }

    /// <summary>Checks that a folder may be listed. Otherwise every file would seem to be missing.</summary>
    /// <exception cref="InvalidModelFileException">The folder may not be listed.</exception>
    public static void RequireListable(string folder)
    {
        try
        {
            _ = Directory.EnumerateFileSystemEntries(folder).Any();
        }
        catch (DirectoryNotFoundException)
        {
            // Told where its files are needed.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidModelFileException(folder, null, $"cannot be opened: {FileProblem.Of(e)}", e, FileProblem.KindOf(e));
        }
    }

    /// <summary>Creates an error that names the nearest existing paths. Nothing is downloaded instead.</summary>
    public static InvalidModelFileException NotFound(string path)
    {
        var nearest = Nearest(path);
        return new InvalidModelFileException(path, null, nearest.Count == 0
            ? "no such file or folder (a name is a path on this machine; 'squeezebert pull owner/name' fetches a model of the hub, which " +
                "commands take as hf:owner/name)"
            : $"no such file or folder; did you mean {string.Join(" or ", nearest.Select(name => $"'{name}'"))}?", kind: ErrorKind.Missing);
    }

    /// <summary>
    /// Returns existing paths that are similar to the given one, best first. The first part that does not exist is replaced by its
    /// siblings.
    /// </summary>
    internal static IReadOnlyList<string> Nearest(string path)
    {
        try
        {
            var missing = path.TrimEnd('/', Path.DirectorySeparatorChar);
            var parent = Path.GetDirectoryName(missing);
            while (!string.IsNullOrEmpty(parent) && !Directory.Exists(parent))
            {
                missing = parent;
                parent = Path.GetDirectoryName(missing);
            }

            var wanted = Path.GetFileName(missing);
            if (wanted.Length is 0 or > 100) return [];
            return
            [
                .. Directory.EnumerateFileSystemEntries(string.IsNullOrEmpty(parent) ? "." : parent)
                    .Take(MaxEntries)
                    .Select(entry => Path.GetFileName(entry))
                    .Where(name => name.Length <= 100 && NearestNames.IsNear(wanted, name))
                    .OrderBy(name => NearestNames.Distance(wanted, name)).ThenBy(name => name, StringComparer.Ordinal)
                    .Take(MaxNames)
                    .Select(name => string.IsNullOrEmpty(parent) ? name : Path.Combine(parent, name)),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }
    }

    /// <summary>Returns whether a path is in a folder or below it. Both must be without links.</summary>
    internal static bool IsUnder(string path, string folder) =>
        path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
