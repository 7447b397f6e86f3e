using SqueezeBert.Files;

namespace SqueezeBert.Evaluation.Data;

/// <summary>Opens the text of a data file: plain, or gzip by its first bytes (they start no valid UTF-8).</summary>
internal static class DataStream
{
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
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: no such file{Remedy(path)}", path);
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

    // What to write instead: a folder on the way that is missing, or paths like the one given; nothing where there is neither.
    private static string Remedy(string path)
    {
        try
        {
            var near = ModelPaths.Nearest(path);
            if (near.Count > 0) return $"; did you mean {string.Join(" or ", near.Select(name => $"'{name}'"))}?";
            var folder = Path.GetDirectoryName(Path.GetFullPath(path));
            return folder is null || Directory.Exists(folder) ? "" : $" (there is no folder '{folder}')";
        }
        catch (Exception exception) when (exception is IOException or ArgumentException)
        {
            return "";
        }
    }
}
