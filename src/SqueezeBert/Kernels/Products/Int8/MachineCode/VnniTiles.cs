using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using SqueezeBert.Kernels.Products.Int8.Microkernels;
using SqueezeBert.Memory;

namespace SqueezeBert.Kernels.Products.Int8.MachineCode;

/// <summary>
/// Tiles of bytes with 512-bit VNNI, which the runtime has no methods for: machine code, made by tools/Generate, that is copied to
/// executable memory when it is first asked for. It runs on x64 with Linux or Windows; where the processor lacks the instruction, the
/// system forbids such memory or <see cref="Variable"/> switches it off, there are none, and another form takes their place.
/// </summary>
internal static unsafe class VnniTiles
{
    /// <summary>The environment variable that switches machine code off with the value 0.</summary>
    public const string Variable = "SQUEEZEBERT_MACHINE_CODE";

    /// <summary>The switch of runtimeconfig.json that does so with false.</summary>
    public const string Switch = "SqueezeBert.MachineCode";

    private const int CodeAlignment = 64;

    /// <summary>By vectors and rows; zeros where there is no machine code.</summary>
    private static readonly nint[] Routines = new nint[(PanelLayout.MaxWidth / PanelLayout.Lanes * ByteTiles.HighestTile) + 1];

    /// <summary>What calls a routine on Windows, whose calling convention is another.</summary>
    private static readonly delegate* unmanaged[SuppressGCTransition]<ByteTileArguments*, nint, void> WindowsEntry;

    static VnniTiles()
    {
        if (!IsAllowed || !HasVnni)
            return;
        var code = new List<byte>();
        var places = new List<(int Index, int Start)>();
        for (var vectors = 1; vectors <= PanelLayout.MaxWidth / PanelLayout.Lanes; vectors++)
        {
            for (var rows = 1; rows <= MaximumHeight(vectors); rows++)
                Add(Index(vectors, rows), Code(vectors, rows));
        }

        Add(0, WindowsEntryCode.Bytes);
        var memory = (nint)ExecutableMemory.TryCreate(CollectionsMarshal.AsSpan(code));
        if (memory == 0)
            return;
        foreach (var (index, start) in places)
            Routines[index] = memory + start;
        if (OperatingSystem.IsWindows())
            WindowsEntry = (delegate* unmanaged[SuppressGCTransition]<ByteTileArguments*, nint, void>)Routines[0];
        IsAvailable = true;

        void Add(int index, ReadOnlySpan<byte> routine)
        {
            code.AddRange(new byte[-code.Count & (CodeAlignment - 1)]);
            places.Add((index, code.Count));
            code.AddRange(routine);
        }
    }

    /// <summary>Whether there are such tiles in this process.</summary>
    public static bool IsAvailable { get; }

    private static bool IsAllowed =>
        Environment.GetEnvironmentVariable(Variable) != "0" && (!AppContext.TryGetSwitch(Switch, out var isOn) || isOn);

    /// <summary>Leaf 7 of CPUID, bit 11 of ECX; that the system saves 512-bit registers is what the set asks for.</summary>
    private static bool HasVnni =>
        X86Base.X64.IsSupported && InstructionSets.Available.Contains(InstructionSet.Avx512) && X86Base.CpuId(0, 0).Eax >= 7
        && (X86Base.CpuId(7, 0).Ecx & (1 << 11)) != 0;

    /// <summary>The rows of the highest tile for a panel of that many vectors.</summary>
    public static int MaximumHeight(int vectors) => vectors switch
    {
        1 or 2 or 3 => ByteTiles.HighestTile,
        _ => 6,
    };

    /// <summary>The address of a tile's routine, of the System V calling convention; 0 where there is none.</summary>
    public static nint Routine(int vectors, int rows) => Routines[Index(vectors, rows)];

    /// <summary>A tile of all of the columns and up to <see cref="MaximumHeight"/> rows.</summary>
    public static void Run(ByteTileArguments* arguments, int width, int rows)
    {
        var routine = Routine(width / PanelLayout.Lanes, rows);
        if (WindowsEntry is null)
            ((delegate* unmanaged[SuppressGCTransition]<ByteTileArguments*, void>)routine)(arguments);
        else
            WindowsEntry(arguments, routine);
    }

    private static int Index(int vectors, int rows) => ((vectors - 1) * ByteTiles.HighestTile) + rows;

    private static ReadOnlySpan<byte> Code(int vectors, int rows) => vectors switch
    {
        1 => rows switch
        {
            1 => VnniCode1.Rows1,
            2 => VnniCode1.Rows2,
            3 => VnniCode1.Rows3,
            4 => VnniCode1.Rows4,
            5 => VnniCode1.Rows5,
            6 => VnniCode1.Rows6,
            7 => VnniCode1.Rows7,
            _ => VnniCode1.Rows8,
        },
        2 => rows switch
        {
            1 => VnniCode2.Rows1,
            2 => VnniCode2.Rows2,
            3 => VnniCode2.Rows3,
            4 => VnniCode2.Rows4,
            5 => VnniCode2.Rows5,
            6 => VnniCode2.Rows6,
            7 => VnniCode2.Rows7,
            _ => VnniCode2.Rows8,
        },
        3 => rows switch
        {
            1 => VnniCode3.Rows1,
            2 => VnniCode3.Rows2,
            3 => VnniCode3.Rows3,
            4 => VnniCode3.Rows4,
            5 => VnniCode3.Rows5,
            6 => VnniCode3.Rows6,
            7 => VnniCode3.Rows7,
            _ => VnniCode3.Rows8,
        },
        _ => rows switch
        {
            1 => VnniCode4.Rows1,
            2 => VnniCode4.Rows2,
            3 => VnniCode4.Rows3,
            4 => VnniCode4.Rows4,
            5 => VnniCode4.Rows5,
            _ => VnniCode4.Rows6,
        },
    };
}
