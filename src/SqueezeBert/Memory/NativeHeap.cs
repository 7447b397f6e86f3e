using System.Runtime.InteropServices;

namespace SqueezeBert.Memory;

/// <summary>
/// The C library's heap, which buffers come from. glibc keeps what large blocks leave behind, an arena for each thread or two, and gives
/// it back to the system only when asked: under many threads that is more than what is in use.
/// </summary>
internal static unsafe class NativeHeap
{
    private static readonly delegate* unmanaged<nuint, int> MallocTrim = FindTrim();

    /// <summary>Gives the system what is free; does nothing where the C library has no such call.</summary>
    public static void Trim()
    {
        if (MallocTrim is not null) _ = MallocTrim(0);
    }

    private static delegate* unmanaged<nuint, int> FindTrim() =>
        OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "malloc_trim", out var address)
            ? (delegate* unmanaged<nuint, int>)address
            : null;
}
