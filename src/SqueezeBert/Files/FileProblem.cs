namespace SqueezeBert.Files;

/// <summary>Describes errors of files and folders in words that do not depend on the runtime and that name no temporary file.</summary>
internal static class FileProblem
{
    /// <summary>Returns the reason as text that follows a path.</summary>
    /// <param name="exception">The exception of the runtime.</param>
    public static string Of(Exception exception) => exception switch
    {
        UnauthorizedAccessException => "permission denied",
        DirectoryNotFoundException => "its folder does not exist",
        FileNotFoundException => "no such file",
        PathTooLongException => "the name is too long",
        IOException when IsFull(exception.HResult) => "no space is left on the disk",
        IOException when IsTooLarge(exception.HResult) => "it would be larger than a file may be here",
        _ => exception.Message,
    };

    /// <summary>Returns the kind of the problem.</summary>
    public static ErrorKind KindOf(Exception exception) => exception switch
    {
        UnauthorizedAccessException => ErrorKind.Denied,
        DirectoryNotFoundException or FileNotFoundException => ErrorKind.Missing,
        _ => ErrorKind.Damaged,
    };

    /// <summary>Creates the error for a file that cannot be written, under the name that the caller gave.</summary>
    /// <param name="path">The path, as the caller named it.</param>
    /// <param name="exception">The exception of the runtime, whose code is kept.</param>
    public static IOException NotWritten(string path, Exception exception) =>
        new($"{path}: cannot be written: {Of(exception)}", exception) { HResult = exception.HResult };

    /// <summary>Creates a folder and its parent folders if necessary.</summary>
    /// <param name="path">The path of the folder.</param>
    /// <param name="name">The name in messages if the folder has a temporary name. Null uses the path.</param>
    /// <exception cref="IOException">The folder cannot be created. The message names it and gives the reason.</exception>
    public static void MakeFolder(string path, string? name = null)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{name ?? path}: {NotMade(name ?? path, e)}", e) { HResult = e.HResult };
        }
    }

    private static string NotMade(string path, Exception exception)
    {
        if (File.Exists(path)) return "is a file, not a folder";

        // A file stands in the place of a folder above.
        for (var above = Path.GetDirectoryName(path); !string.IsNullOrEmpty(above); above = Path.GetDirectoryName(above))
        {
            if (File.Exists(above)) return $"cannot be made: '{above}' is a file, not a folder";
        }

        return $"cannot be made: {Of(exception)}";
    }

    // ENOSPC, and EDQUOT of Linux and macOS; ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL. The runtime gives the first of all systems the
    // code of Windows in some places.
    private static bool IsFull(int code) =>
        (code & 0xFFFF) is 112 or 39 || (!OperatingSystem.IsWindows() && code is 28 or 122 or 69);

    // EFBIG.
    private static bool IsTooLarge(int code) => !OperatingSystem.IsWindows() && code is 27;
}
