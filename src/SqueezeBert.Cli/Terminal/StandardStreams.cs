using System.Runtime.InteropServices;

namespace SqueezeBert.Cli.Terminal;

/// <summary>
/// Tells standard streams that whoever started the process has closed (`&lt;&amp;-`). The runtime then takes their numbers for files of
/// its own: reading from one waits forever, and writing to one may damage it.
/// </summary>
internal static partial class StandardStreams
{
    private const int GetDescriptorFlags = 1;
    private const int CloseOnExecute = 1;

    /// <summary>Standard input (0), output (1) or error (2).</summary>
    public static bool IsClosed(int descriptor)
    {
        if (OperatingSystem.IsWindows()) return false;

        // What is inherited was not closed when the process began, so it cannot have the flag that the runtime's own files have.
        var flags = FileControl(descriptor, GetDescriptorFlags);
        return flags < 0 || (flags & CloseOnExecute) != 0;
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int FileControl(int descriptor, int command);
}
