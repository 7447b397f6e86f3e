using SqueezeBert.Kernels.Products.Microkernels;

namespace SqueezeBert.Kernels.Products.MachineCode;

/// <summary>
/// Tiles of float32 products with 512-bit vectors in machine code. They replace those of <see cref="Tiles"/> in a program that was compiled
/// ahead of time without them. They have the same shapes and add the same products in the same order.
/// </summary>
internal static unsafe class FmaTiles
{
    private const int Widest = PanelLayout.MaxWidth / PanelLayout.Lanes, Highest = 12;

    /// <summary>The routines by number of vectors and rows. The first one is <see cref="ProcessorCode.Peak"/>.</summary>
    private static readonly nint[] Routines = new nint[(Widest * Highest) + 1];

    static FmaTiles()
    {
        if (!MachineRoutines.IsAllowed || !WideRegisters.AreAvailable)
            return;
        MachineRoutines.Block block = new();
        block.Add(0, ProcessorCode.Peak);
        for (var vectors = 1; vectors <= Widest; vectors++)
        {
            var height = Tiles.MaximumHeight(InstructionSet.Avx512Tiles, vectors * PanelLayout.Lanes);
            for (var rows = 1; rows <= height; rows++)
                block.Add(Index(vectors, rows), Code(vectors, rows));
        }

        IsAvailable = block.TryLoad(Routines);
    }

    /// <summary>Whether there are such tiles in this process.</summary>
    public static bool IsAvailable { get; }

    /// <summary>c for the given rows and all of the <paramref name="width"/> columns, a multiple of 16 up to 64.</summary>
    public static void Cover(TileArguments* arguments, int width, int rows)
    {
        TileRows tiles = new(rows, Tiles.MaximumHeight(InstructionSet.Avx512Tiles, width), rows);
        var height = tiles.Height;
        var vectors = width / PanelLayout.Lanes;
        nint low = Routines[Index(vectors, height)], high = tiles.Higher > 0 ? Routines[Index(vectors, height + 1)] : 0;
        var t = *arguments;
        t.SpreadPrefetch(tiles.TileCount);
        nint rowStride = t.ARowStride, cStride = t.CStride, residualStride = t.ResidualStride;

        // The routines count bytes.
        t.ARowStride *= sizeof(float);
        t.AStep *= sizeof(float);
        t.BStep *= sizeof(float);
        t.CStride *= sizeof(float);
        t.ResidualStride *= sizeof(float);
        for (var tile = 0; tile < tiles.TileCount; tile++)
        {
            var isHigh = tile < tiles.Higher;
            MachineRoutines.Call(isHigh ? high : low, &t);
            var done = isHigh ? height + 1 : height;
            t.Prefetch += t.K * t.PrefetchStep;
            t.A += done * rowStride;
            t.C += done * cStride;
            t.Residual += t.Residual is null ? 0 : done * residualStride;
        }
    }

    /// <summary>
    /// Runs twelve chains of multiply-adds on registers. The arguments are a factor and an addend as floats, followed by the number of
    /// rounds.
    /// </summary>
    public static void RunPeak(float* values) => MachineRoutines.Call(Routines[0], values);

    private static int Index(int vectors, int rows) => ((vectors - 1) * Highest) + rows;

    private static ReadOnlySpan<byte> Code(int vectors, int rows) => vectors switch
    {
        1 => FmaCode1.Of(rows),
        2 => FmaCode2.Of(rows),
        3 => FmaCode3.Of(rows),
        _ => FmaCode4.Of(rows),
    };
}
