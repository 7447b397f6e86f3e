using System.Runtime.Intrinsics.X86;
using SqueezeBert.Kernels.Products.Int8.Microkernels;
using SqueezeBert.Kernels.Products.MachineCode;

namespace SqueezeBert.Kernels.Products.Int8.MachineCode;

/// <summary>
/// Tiles of int8 products with 512-bit VNNI in machine code, because the runtime has no methods for these instructions. If the processor
/// lacks the instructions or machine code is not available (<see cref="MachineRoutines"/>), another implementation is used.
/// </summary>
internal static unsafe class VnniTiles
{
    /// <summary>The largest number of rows of a tile.</summary>
    private const int Highest = 8;

    /// <summary>The routines by number of vectors and rows. Zero means that there is no machine code.</summary>
    private static readonly nint[] Routines = new nint[(PanelLayout.MaxWidth / PanelLayout.Lanes * Highest) + 1];

    static VnniTiles()
    {
        if (!MachineRoutines.IsAllowed || !HasVnni)
            return;
        MachineRoutines.Block block = new();
        for (var vectors = 1; vectors <= PanelLayout.MaxWidth / PanelLayout.Lanes; vectors++)
        {
            for (var rows = 1; rows <= MaximumHeight(vectors); rows++)
                block.Add(Index(vectors, rows), Code(vectors, rows));
        }

        IsAvailable = block.TryLoad(Routines);
    }

    /// <summary>Whether there are such tiles in this process.</summary>
    public static bool IsAvailable { get; }

    /// <summary>Whether bit 11 of ECX in leaf 7 of CPUID is set.</summary>
    private static bool HasVnni =>
        WideRegisters.AreAvailable && X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 0).Ecx & (1 << 11)) != 0;

    /// <summary>Returns the number of rows of the highest tile for a panel of that many vectors.</summary>
    public static int MaximumHeight(int vectors) => vectors switch
    {
        1 or 2 or 3 => Highest,
        _ => 6,
    };

    /// <summary>Returns the address of a tile's routine, with the System V calling convention. 0 means that there is none.</summary>
    public static nint Routine(int vectors, int rows) => Routines[Index(vectors, rows)];

    /// <summary>Runs a tile of all columns and up to <see cref="MaximumHeight"/> rows.</summary>
    public static void Run(ByteTileArguments* arguments, int width, int rows) =>
        MachineRoutines.Call(Routine(width / PanelLayout.Lanes, rows), arguments);

    private static int Index(int vectors, int rows) => ((vectors - 1) * Highest) + rows;

    private static ReadOnlySpan<byte> Code(int vectors, int rows) => vectors switch
    {
        1 => VnniCode1.Of(rows),
        2 => VnniCode2.Of(rows),
        3 => VnniCode3.Of(rows),
        _ => VnniCode4.Of(rows),
    };
}
