using System.Runtime.InteropServices;

namespace SqueezeBert.Memory;

/// <summary>
/// The heap of the C library, from which buffers are allocated. glibc keeps the memory of freed large blocks, in one arena per one or two
/// threads, and returns it to the system only on request. With many threads, it can be more than the memory in use.
/// </summary>
internal static unsafe class NativeHeap
{
    private static readonly delegate* unmanaged<nuint, int> MallocTrim = FindTrim();

    /// <summary>Returns free memory to the system. It does nothing if the C library has no such call.</summary>
    public static void Trim()
    {
        if (MallocTrim is not null) _ = MallocTrim(0);
    }

    private static delegate* unmanaged<nuint, int> FindTrim() =>
        OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "malloc_trim", out var address)
            ? (delegate* unmanaged<nuint, int>)address
            : null;
}
