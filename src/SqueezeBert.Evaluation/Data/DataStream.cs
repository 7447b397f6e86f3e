using SqueezeBert.Files;

namespace SqueezeBert.Evaluation.Data;

/// <summary>Opens the text of a data file: plain, or gzip by its first bytes (they start no valid UTF-8).</summary>
internal static class DataStream
{
    private const int MaxEntries = 10_000;
    private const int MaxNames = 3;

    public static Stream OpenFile(string path)
    {
        var file = OpenPacked(path);
        try
        {
            return Unpack(file, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The bytes as they are on the disk.</summary>
    public static Stream OpenPacked(string path)
    {
        if (Directory.Exists(path)) throw new DataFormatException(path, null, "is a folder, not a file");
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: no such file{Nearest(path)}", path);
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException(path, null, $"cannot be opened: {FileProblem.Of(e)}", e);
        }
    }

    /// <summary>The text of a stream, which goes with it; other bytes than those of a text in UTF-8 are refused when they come.</summary>
    public static Stream Unpack(Stream stream, string name) => new Utf8OnlyStream(UnpackBytes(stream, name), name);

    private static Stream UnpackBytes(Stream stream, string name)
    {
        // The second byte only behind a first one that could begin gzip: on a pipe it may be long in coming, and the first line may be
        // empty.
        var start = new byte[2];
        var count = stream.Read(start, 0, 1);
        if (count == 1 && start[0] == 0x1f) count += stream.Read(start, 1, 1);
        start = start[..count];
        if (start is [0x1f, 0x8b]) return new GzipReader(start, stream);
        return name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
            ? throw new DataFormatException(name, null, "ends in .gz but is not gzip data")
            : new SurroundedStream(start, stream, ReadOnlyMemory<byte>.Empty);
    }

    // "; nearest: 'a', 'b'" with up to three names that stand where the path should, or nothing.
    private static string Nearest(string path)
    {
        try
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(path));
            var wanted = Path.GetFileName(Path.TrimEndingDirectorySeparator(path));
            if (folder is null || !Directory.Exists(folder)) return folder is null ? "" : $" (there is no folder '{folder}')";
            var names = NearestNames.Order(
                    wanted, Directory.EnumerateFileSystemEntries(folder).Take(MaxEntries).Select(entry => Path.GetFileName(entry)!))
                .Take(MaxNames).ToList();
            return names.Count == 0 ? "" : $"; nearest: {string.Join(", ", names.Select(name => $"'{name}'"))}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "";
        }
    }
}
