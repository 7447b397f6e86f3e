using System.Runtime.Intrinsics.X86;
using SqueezeBert.Kernels.Products.Int8.Microkernels;
using SqueezeBert.Kernels.Products.MachineCode;
using SqueezeBert.Memory;

namespace SqueezeBert.Kernels.Products.Int8.MachineCode;

/// <summary>
/// Tiles of int8 products with AMX, the matrix unit of Intel's server processors since Sapphire Rapids, in machine code, because the
/// runtime has no methods for it. One instruction multiplies 16 rows of 64 bytes by 16 columns. It reads rows and columns as 512-bit VNNI
/// does and has the same sums. The registers belong to a thread: <see cref="Configure"/> before the first tile of a product,
/// <see cref="Release"/> behind the last one. Only Linux is asked for permission to use them.
/// </summary>
/// <remarks>Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, chapter 18.</remarks>
internal static unsafe class AmxTiles
{
    /// <summary>The number of rows of a register.</summary>
    public const int Height = 16;

    /// <summary>The number of times four elements in a row of a register.</summary>
    private const int StepQuads = 16;

    private const int VectorBytes = 64, ConfigurationBytes = 64;

    /// <summary>The places of the routines that are not tiles, behind those that are.</summary>
    private const int ConfigureIndex = 5, ReleaseIndex = 6, RoutineCount = 7;

    /// <summary>The routines by number of vectors. Zero means that there is no machine code.</summary>
    private static readonly nint[] Routines = new nint[RoutineCount];

    static AmxTiles()
    {
        if (!MachineRoutines.IsAllowed || !VnniTiles.IsAvailable || !OperatingSystem.IsLinux() || !HasAmx || !IsPermitted())
            return;
        MachineRoutines.Block block = new();
        for (var vectors = 1; vectors <= PanelLayout.MaxWidth / PanelLayout.Lanes; vectors++)
            block.Add(vectors, AmxCode.Of(vectors));
        block.Add(ConfigureIndex, AmxCode.Configure);
        block.Add(ReleaseIndex, AmxCode.Release);
        IsAvailable = block.TryLoad(Routines);
    }

    /// <summary>Whether there are such tiles in this process.</summary>
    public static bool IsAvailable { get; }

    /// <summary>Whether bits 24 (tiles) and 25 (tiles of bytes) of EDX in leaf 7 of CPUID are set.</summary>
    private static bool HasAmx => X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 0).Edx >> 24 & 3) == 3;

    /// <summary>Configures the tile registers of this thread.</summary>
    /// <param name="rows">The number of rows of every tile, 1 to <see cref="Height"/>.</param>
    /// <param name="quads">A quarter of the length of the sums.</param>
    public static void Configure(int rows, int quads)
    {
        // The palette, then from byte 16 the bytes of a row and from byte 48 the rows of each register.
        var configuration = stackalloc byte[ConfigurationBytes];
        new Span<byte>(configuration, ConfigurationBytes).Clear();
        configuration[0] = 1;
        for (var sums = 0; sums < 4; sums++)
            Describe(configuration, sums, rows, VectorBytes);
        Describe(configuration, 4, rows, StepQuads * PanelLayout.Quad);
        Describe(configuration, 5, StepQuads, VectorBytes);
        var rest = quads % StepQuads;
        if (rest > 0)
        {
            Describe(configuration, 6, rows, rest * PanelLayout.Quad);
            Describe(configuration, 7, rest, VectorBytes);
        }

        MachineRoutines.Call(Routines[ConfigureIndex], configuration);
    }

    /// <summary>Gives the tile registers of this thread up.</summary>
    public static void Release() => MachineRoutines.Call(Routines[ReleaseIndex], null);

    /// <summary>Runs a tile of all columns and of as many rows as the registers are configured for.</summary>
    public static void Run(ByteTileArguments* arguments, int width) =>
        MachineRoutines.Call(Routines[width / PanelLayout.Lanes], arguments);

    private static void Describe(byte* configuration, int register, int rows, int rowBytes)
    {
        ((ushort*)(configuration + 16))[register] = (ushort)rowBytes;
        configuration[48 + register] = (byte)rows;
    }

    /// <summary>
    /// Linux gives the larger registers only to processes that ask, and refuses those with threads whose stacks for signals are too small
    /// for them.
    /// </summary>
    private static bool IsPermitted()
    {
        var request = (delegate* unmanaged[SuppressGCTransition]<nint>)ExecutableMemory.TryCreate(AmxCode.Request);
        return request is not null && request() == 0;
    }
}
