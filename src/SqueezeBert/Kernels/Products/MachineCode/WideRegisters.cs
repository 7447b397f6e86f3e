using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SqueezeBert.Memory;

namespace SqueezeBert.Kernels.Products.MachineCode;

/// <summary>
/// Determines whether machine code may use 512-bit vectors. The just-in-time compiler has asked the processor and the system. A program
/// that was compiled ahead of time for older processors asks here, because its compiler removed the query together with the code that
/// depends on it.
/// </summary>
internal static unsafe class WideRegisters
{
    private const int ExtendedFeatures = 7;

    /// <summary>The bits for AVX and for the query of the registers that the system saves.</summary>
    private const int SavingBits = (1 << 27) | (1 << 28);

    /// <summary>AVX-512 F, DQ, BW and VL.</summary>
    private const int WideBits = (1 << 16) | (1 << 17) | (1 << 30) | (1 << 31);

    /// <summary>SSE, AVX, mask registers and both halves of the 512-bit registers.</summary>
    private const ulong SavedRegisters = 0xE6;

    /// <summary>Whether the features are available that the kernels of <see cref="InstructionSet.Avx512"/> need.</summary>
    public static bool AreAvailable { get; } = X86Base.X64.IsSupported && (RuntimeFeature.IsDynamicCodeCompiled || Avx512F.IsSupported
        ? Avx512F.IsSupported && Avx512DQ.IsSupported && Vector512.IsHardwareAccelerated
        : ProcessorHasThem() && SystemSavesThem());

    private static bool ProcessorHasThem()
    {
        var (highest, vendor1, vendor3, vendor2) = X86Base.CpuId(0, 0);
        if (highest < ExtendedFeatures || (X86Base.CpuId(ExtendedFeatures, 0).Ebx & WideBits) != WideBits)
            return false;

        // Where the clock falls with 512 bits, the runtime says so, and 256 bits are faster: Intel's Skylake to Cooper Lake, Cannon Lake.
        var version = X86Base.CpuId(1, 0);
        var (family, model) = ((version.Eax >> 8) & 15, ((version.Eax >> 4) & 15) | ((version.Eax >> 12) & 0xF0));
        var isIntel = (vendor1, vendor2, vendor3) == (0x756E6547, 0x49656E69, 0x6C65746E);
        return (version.Ecx & SavingBits) == SavingBits && !(isIntel && family == 6 && model is 0x55 or 0x66);
    }

    private static bool SystemSavesThem()
    {
        var ask = (delegate* unmanaged[SuppressGCTransition]<ulong>)ExecutableMemory.TryCreate(ProcessorCode.EnabledRegisters);
        return ask is not null && (ask() & SavedRegisters) == SavedRegisters;
    }
}
