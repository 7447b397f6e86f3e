using System.Diagnostics;
using System.Runtime.InteropServices;
using SqueezeBert.Memory;

namespace SqueezeBert.Tests.Memory;

/// <summary>What is freed goes back to the system when it is asked for.</summary>
public sealed unsafe class NativeHeapTests
{
    private const int BlockSize = 64 << 10, BlockCount = 4096;

    [Fact]
    public void FreeBlocksBelowOneInUseAreGivenBack()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "malloc_trim", out _),
            "the C library has no malloc_trim");
        var blocks = new nint[BlockCount];
        for (var i = 0; i < blocks.Length; i++)
        {
            blocks[i] = (nint)NativeMemory.Alloc(BlockSize);
            NativeMemory.Fill((void*)blocks[i], BlockSize, 1);
        }

        // One in sixteen stays in use, so that the heap cannot shrink from its end by itself.
        for (var i = 0; i < blocks.Length; i++)
        {
            if (i % 16 != 15) NativeMemory.Free((void*)blocks[i]);
        }

        var before = WorkingSet();
        NativeHeap.Trim();
        var after = WorkingSet();
        for (var i = 15; i < blocks.Length; i += 16) NativeMemory.Free((void*)blocks[i]);

        // 240 MB were free; other tests may have taken some meanwhile.
        Assert.True(before - after > 120 << 20, $"{before >> 20} MB before, {after >> 20} MB after");
    }

    private static long WorkingSet()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
