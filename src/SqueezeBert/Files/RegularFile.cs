using SqueezeBert.Checkpoints;

namespace SqueezeBert.Files;

/// <summary>Accepts only regular files as model files. Opening a pipe would wait for a writer, and a device has no end.</summary>
internal static class RegularFile
{
    /// <summary>Checks a path before it is opened. Pipes, devices and sockets have the length 0, and no model file is empty.</summary>
    /// <exception cref="InvalidModelFileException">The path is not a file with content.</exception>
    public static void Check(string path)
    {
        try
        {
            if (Directory.Exists(path)) throw new InvalidModelFileException(path, null, "is a folder, not a file");
            if (!File.Exists(path)) throw ModelPaths.NotFound(path);
            if (new FileInfo(ModelPaths.RealPath(path)).Length == 0)
            {
                throw new InvalidModelFileException(
                    path, null, "is empty or no regular file: nothing is read from pipes and devices; give a file");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InvalidModelFileException(path, null, $"cannot be opened: {FileProblem.Of(e)}", e, FileProblem.KindOf(e));
        }
    }

    /// <summary>Opens a file as a stream.</summary>
    /// <exception cref="InvalidModelFileException">The path is not a file with content, or it cannot be opened.</exception>
    public static FileStream OpenRead(string path)
    {
        Check(path);
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidModelFileException(path, null, $"cannot be opened: {FileProblem.Of(e)}", e, FileProblem.KindOf(e));
        }
    }
}
