using System.Runtime.InteropServices;

namespace SqueezeBert.Kernels;

/// <summary>
/// Native memory of zeros, aligned to a cache line. Nothing is written to it here: pages that the system hands out are zero, and those that
/// are never used are never made. On Linux large blocks ask for huge pages, of which a model needs tens instead of tens of thousands;
/// making a page costs more than filling it.
/// </summary>
internal static unsafe class ZeroedMemory
{
    /// <summary>Of what blocks are made, in bytes.</summary>
    private const int Alignment = 64;

    /// <summary>
    /// The size of a huge page on x64, and on ARM64 with pages of 4 KiB; elsewhere the advice goes for whatever size there is.
    /// </summary>
    private const nuint HugePage = 2 << 20;

    private const int AdviseHugePages = 14;

    private static readonly delegate* unmanaged<void*, nuint, int, int> Advise = FindAdvise();

    /// <summary>A block for <see cref="Free"/>.</summary>
    /// <exception cref="OutOfMemoryException">There is no such memory.</exception>
    public static float* Allocate(nuint bytes)
    {
        var isLarge = Advise is not null && bytes >= HugePage;
        var alignment = isLarge ? HugePage : Alignment;
        var block = (byte*)NativeMemory.AllocZeroed(checked(bytes + alignment + (nuint)sizeof(void*)));

        // What the system gave stands in front of the block.
        var start = (void**)(((nuint)block + (nuint)sizeof(void*) + alignment - 1) & ~(alignment - 1));
        start[-1] = block;

        // A system without huge pages refuses; the memory is as good without them.
        if (isLarge) _ = Advise(start, bytes, AdviseHugePages);
        return (float*)start;
    }

    /// <summary>Frees a block; null is none.</summary>
    public static void Free(void* block)
    {
        if (block is not null) NativeMemory.Free(((void**)block)[-1]);
    }

    private static delegate* unmanaged<void*, nuint, int, int> FindAdvise() =>
        OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "madvise", out var address)
            ? (delegate* unmanaged<void*, nuint, int, int>)address
            : null;
}
