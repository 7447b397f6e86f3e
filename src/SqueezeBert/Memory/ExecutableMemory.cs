using System.Runtime.InteropServices;

namespace SqueezeBert.Memory;

/// <summary>Machine code in memory pages that are first written and then made executable, but never both at the same time.</summary>
internal static unsafe class ExecutableMemory
{
    private const int ReadWrite = 1 | 2, ReadExecute = 1 | 4, PrivateAnonymous = 2 | 0x20;

    private const uint CommitReserve = 0x1000 | 0x2000, Release = 0x8000, PageReadWrite = 4, PageExecuteRead = 0x20;

    /// <summary>
    /// Returns a copy of the code that can be called until the process ends, at the start of a page. Null if the system does not allow it
    /// or is not supported.
    /// </summary>
    public static byte* TryCreate(ReadOnlySpan<byte> code) =>
        OperatingSystem.IsLinux() ? CreateOnLinux(code)
        : OperatingSystem.IsWindows() ? CreateOnWindows(code)
        : null;

    private static byte* CreateOnLinux(ReadOnlySpan<byte> code)
    {
        var library = NativeLibrary.GetMainProgramHandle();
        if (!NativeLibrary.TryGetExport(library, "mmap", out var map)
            || !NativeLibrary.TryGetExport(library, "mprotect", out var protect)
            || !NativeLibrary.TryGetExport(library, "munmap", out var unmap))
        {
            return null;
        }

        var size = (nuint)code.Length;
        var memory = ((delegate* unmanaged<void*, nuint, int, int, int, nint, byte*>)map)(null, size, ReadWrite, PrivateAnonymous, -1, 0);
        if ((nint)memory is -1 or 0)
            return null;
        code.CopyTo(new Span<byte>(memory, code.Length));
        if (((delegate* unmanaged<void*, nuint, int, int>)protect)(memory, size, ReadExecute) == 0)
            return memory;
        _ = ((delegate* unmanaged<void*, nuint, int>)unmap)(memory, size);
        return null;
    }

    private static byte* CreateOnWindows(ReadOnlySpan<byte> code)
    {
        if (!NativeLibrary.TryLoad("kernel32.dll", out var library)
            || !NativeLibrary.TryGetExport(library, "VirtualAlloc", out var allocate)
            || !NativeLibrary.TryGetExport(library, "VirtualProtect", out var protect)
            || !NativeLibrary.TryGetExport(library, "VirtualFree", out var free))
        {
            return null;
        }

        var size = (nuint)code.Length;
        var memory = ((delegate* unmanaged<void*, nuint, uint, uint, byte*>)allocate)(null, size, CommitReserve, PageReadWrite);
        if (memory is null)
            return null;
        code.CopyTo(new Span<byte>(memory, code.Length));
        uint before;
        if (((delegate* unmanaged<void*, nuint, uint, uint*, int>)protect)(memory, size, PageExecuteRead, &before) != 0)
            return memory;
        _ = ((delegate* unmanaged<void*, nuint, uint, int>)free)(memory, 0, Release);
        return null;
    }
}
